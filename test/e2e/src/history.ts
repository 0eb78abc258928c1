import { EventIngested, LabelObserved, PredictionMade, RouteAdopted, VectorComputed, decodeEvent, type Event } from '@millrace/contracts';
import { readTopic, type KafkaRecord } from '@millrace/testing';

/** A record of one of our topics as librdkafka reads it (read_committed, open transactions waited out). */
export interface Seen<E extends Event> {
  readonly partition: number;
  readonly offset: number;
  readonly event: E;
}

/** What a run left in the log. */
export interface History {
  readonly posted: { readonly departures: number; readonly arrivals: number };
  readonly ingested: readonly Seen<EventIngested>[];
  readonly rejected: number;
  readonly vectors: readonly Seen<VectorComputed>[];
  readonly labels: readonly Seen<LabelObserved>[];
  readonly predictions: readonly Seen<PredictionMade>[];
  readonly adoptions: readonly RouteAdopted[];
}

/** Reads all topics of the flights. */
export async function readHistory(brokers: string): Promise<History> {
  const read = (topic: string): Promise<KafkaRecord[]> => readTopic({ brokers, topic, timeoutMs: 60_000 });
  const of = async <E extends Event>(topic: string, type: new (fields: never) => E): Promise<Seen<E>[]> =>
    (await read(topic)).map(({ partition, offset, value }) => ({ partition, offset, event: decodeEvent(value) as E })).filter(({ event }) => event instanceof type);
  return {
    posted: { departures: (await read('events.departures')).length, arrivals: (await read('events.arrivals')).length },
    ingested: await of('event-ingested', EventIngested),
    rejected: (await read('events-rejected')).length,
    vectors: await of('feature-vectors.flight-delay', VectorComputed),
    labels: await of('labels.flight-delay', LabelObserved),
    predictions: await of('predictions.flight-delay', PredictionMade),
    adoptions: (await of('serving', RouteAdopted)).map(({ event }) => event),
  };
}
