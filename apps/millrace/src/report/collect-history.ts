import { EventIngested, EventRejected, MillraceError, decodeEvent, type LabelObserved, type PredictionMade, type VectorComputed } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import type { KafkaCluster, Workspace } from '@millrace/messaging';
import { EpochOrder } from './epoch-order.ts';
import type { Evidence } from './evidence.ts';
import type { GoldenComparison } from './golden-comparison.ts';
import { History } from './history.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { PostedIds } from './posted-ids.ts';
import { readTopic } from './read-topic.ts';

export interface Sources {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly model: ModelDefinition;
  readonly ids: PostedIds;
  readonly golden: GoldenComparison;
  /** First offset of feature-vectors that a route applies to, by slot. */
  readonly firstRouted: ReadonlyMap<number, number>;
}

type Collected = Pick<Evidence, 'history' | 'unreadable' | 'rejected' | 'epochs' | 'latency'>;

/** Reads the data topics of a model from their beginnings, one record at a time: what is kept grows with the events, not with their size. */
export async function collectHistory(sources: Sources): Promise<Collected> {
  const { cluster, workspace, model } = sources;
  const read = (name: string, of: { model?: string; stream?: string } = {}) => readTopic(cluster, workspace.topic(name, of));
  const history = new History();
  const rejected = new Map<string, number>();
  const rejectedAt = new Set<string>();
  for await (const { value } of read('events-rejected')) {
    const event = decodeEvent(value);
    if (!(event instanceof EventRejected)) continue;
    rejected.set(event.code, (rejected.get(event.code) ?? 0) + 1);
    rejectedAt.add(`${event.source.topic}/${event.source.partition}/${event.source.offset}`);
  }
  const isRejected = (topic: string, partition: number, offset: number): boolean => rejectedAt.size > 0 && rejectedAt.has(`${topic}/${partition}/${offset}`);

  let unreadable = 0;
  for (const [stream, what] of [[model.predicts, 'posted'], [model.label.from, 'outcomePosted']] as const) {
    const topic = workspace.topic('events.<stream>', { stream });
    for await (const { value, partition, offset } of readTopic(cluster, topic)) {
      if (isRejected(topic, partition, offset)) continue;
      const fields = sources.ids.posted(value);
      const id = fields && (what === 'posted' ? sources.ids.ofPredicted(fields) : sources.ids.ofJudged(fields));
      if (id) history.saw(id, what);
      else unreadable++;
    }
  }

  for await (const { value } of read('event-ingested')) {
    const event = decodeEvent(value);
    if (!(event instanceof EventIngested)) continue;
    if (event.stream === model.predicts) history.saw(event.eventId, 'ingested');
    if (event.stream === model.label.from) history.saw(judged(sources.ids, event), 'outcomeIngested');
  }

  for await (const { value, partition, offset } of read('feature-vectors.<model>', { model: model.name })) {
    const { eventId, vectors } = decodeEvent(value) as VectorComputed;
    history.saw(eventId, 'vectors');
    if (offset >= (sources.firstRouted.get(partition) ?? Infinity)) history.saw(eventId, 'due');
    const vector = vectors.find(({ featureSet }) => featureSet === model.featureSet);
    if (vector) sources.golden.add(eventId, vector.numeric);
  }

  for await (const { value } of read('labels.<model>', { model: model.name })) history.saw((decodeEvent(value) as LabelObserved).eventId, 'labels');

  const epochs = new EpochOrder();
  const latency = new LatencyHistogram();
  for await (const { value, partition, offset, timestamp } of read('predictions.<model>', { model: model.name })) {
    const { eventId, epoch, acceptedAt } = decodeEvent(value) as PredictionMade;
    history.saw(eventId, 'predictions');
    epochs.add(partition, offset, epoch);
    latency.add(timestamp - acceptedAt);
  }
  return { history, unreadable, rejected, epochs, latency };
}

function judged(ids: PostedIds, { schemaId, payload }: EventIngested): Uint8Array {
  const fields = ids.ingested(schemaId, payload);
  const id = fields && ids.ofJudged(fields);
  if (!id) throw new MillraceError('SCHEMA_UNKNOWN', `an ingested event has schema ${schemaId}, which no applied definition names`);
  return id;
}
