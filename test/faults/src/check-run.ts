import { EventIngested, LabelObserved, ModelVersionRegistered, PredictionMade, RouteAdopted, VectorComputed, boundedType, decodeEvent, type Event } from '@millrace/contracts';
import { avroSchemaOf, parseDefinitions } from '@millrace/definitions';
import { readTopic } from '@millrace/testing';
import type { Deployment } from './drive/deployment.ts';
import { canonical } from './workload/encode-item.ts';
import { IndependentFold, type Ingested } from './workload/independent-fold.ts';
import type { Accepted } from './workload/poster.ts';

const types = new Map(parseDefinitions(canonical.json).streams.map((stream) => [stream.name, boundedType(avroSchemaOf(stream))]));

export async function checkRun(deployment: Deployment, accepted: Accepted): Promise<{ violations: string[]; predictions: number; versions: number }> {
  const { brokers } = deployment;
  const { workspace } = deployment.options;
  const read = async (topic: string) => readTopic({ brokers, topic: `${workspace}.${topic}`, timeoutMs: 60_000 });
  const events = async (topic: string) => (await read(topic)).map((record) => ({ ...record, event: decodeEvent(record.value) as Event }));
  const violations: string[] = [];
  const posted = (await read('events.orders')).length + (await read('events.payments')).length;
  const ingested = (await events('event-ingested')).flatMap(({ event, offset }) => (event instanceof EventIngested ? [{ event, offset }] : []));
  const rejected = (await read('events-rejected')).length;
  if (posted !== ingested.length + rejected) violations.push(`outcomes: ${posted} records, ${ingested.length} ingested and ${rejected} rejected`);
  const known = new Set(ingested.map(({ event }) => event.eventId.toString('hex')));
  const lost = [...accepted.eventIds].filter((id) => !known.has(id));
  if (lost.length > 0) violations.push(`${lost.length} accepted events are not ingested, ${lost[0]}`);
  const fold = new IndependentFold();
  const expected = new Map<string, number[]>();
  const seen = new Set<string>();
  let labels = 0;
  for (const { event } of ingested) {
    const id = event.eventId.toString('hex');
    if (seen.has(id)) continue;
    seen.add(id);
    if (event.stream === 'payments') labels++;
    const features = fold.add({ stream: event.stream, event: types.get(event.stream)!.fromBuffer(event.payload) as never } as Ingested);
    if (features) expected.set(id, features.map(Math.fround));
  }
  const vectors = (await events('feature-vectors.late-payment')).map(({ event, partition, offset }) => ({ partition, offset, event: event as VectorComputed }));
  const vectorIds = vectors.map(({ event }) => event.eventId.toString('hex'));
  if (vectors.length !== expected.size || new Set(vectorIds).size !== expected.size) violations.push(`vectors: ${expected.size} orders, ${vectors.length} vectors, ${new Set(vectorIds).size} distinct`);
  let wrong = 0;
  for (const { event } of vectors) {
    const numeric = [...event.vectors[0]!.numeric];
    const wanted = expected.get(event.eventId.toString('hex'));
    if (!wanted || numeric.length !== wanted.length || numeric.some((value, index) => !Object.is(value, wanted[index]))) {
      if (wrong++ === 0) violations.push(`vector of ${event.eventId.toString('hex')}: ${numeric.join(', ')} instead of ${wanted?.join(', ')}`);
    }
  }
  if (wrong > 1) violations.push(`${wrong} wrong vectors`);
  const labelled = (await events('labels.late-payment')).map(({ event }) => (event as LabelObserved).eventId.toString('hex'));
  if (labelled.length !== labels) violations.push(`labels: ${labels} payments, ${labelled.length} labels`);
  const adoptions = (await events('serving')).flatMap(({ event }) => (event instanceof RouteAdopted ? [event] : []));
  const first = new Map<number, number>();
  for (const { slot, offset } of adoptions) first.set(slot, Math.min(offset, first.get(slot) ?? Infinity));
  const due = new Set(vectors.filter(({ partition, offset }) => offset >= (first.get(partition) ?? Infinity)).map(({ partition, event }) => `${partition} ${event.eventId.toString('hex')}`));
  const predictions = (await events('predictions.late-payment')).map(({ event, partition }) => ({ partition, event: event as PredictionMade }));
  const places = predictions.map(({ partition, event }) => `${partition} ${event.eventId.toString('hex')}`);
  const answered = new Set(places);
  const missing = [...due].filter((place) => !answered.has(place)).length;
  const unasked = [...answered].filter((place) => !due.has(place)).length;
  if (missing + unasked + places.length - answered.size > 0) violations.push(`predictions: ${missing} lost, ${places.length - answered.size} doubled, ${unasked} unasked of ${due.size}`);
  const newest = new Map<number, number>();
  for (const { partition, event } of predictions) {
    if (event.epoch < (newest.get(partition) ?? 0)) violations.push(`epoch falls to ${event.epoch} in slot ${partition}`);
    newest.set(partition, event.epoch);
  }
  const versions = (await events('model-versions')).filter(({ event }) => event instanceof ModelVersionRegistered).length;
  return { violations: violations.slice(0, 20), predictions: predictions.length, versions };
}
