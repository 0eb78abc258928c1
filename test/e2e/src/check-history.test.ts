import { describe, expect, it } from '@jest/globals';
import { EventIngested, LabelObserved, PredictionMade, RouteAdopted, VectorComputed, eventIdOf } from '@millrace/contracts';
import { faultsOf } from './check-history.ts';
import type { History } from './history.ts';

const source = { topic: 't', partition: 0, offset: 0 };
const ingested = (stream: string, flight: number) => new EventIngested({ stream, eventId: eventIdOf(stream, flight), eventTime: 0, acceptedAt: 0, source, schemaId: 1000, payload: Buffer.alloc(0) });
const vector = (flight: number) => new VectorComputed({ model: 'm', eventId: eventIdOf('departures', flight), entityKeys: [], eventTime: 0, acceptedAt: 0, position: 0, vectors: [] });
const label = (flight: number) => new LabelObserved({ model: 'm', eventId: eventIdOf('departures', flight), value: 0, labelTime: 0, position: 0, laneTime: 0 });
const prediction = (flight: number, epoch: number) =>
  new PredictionMade({ model: 'm', eventId: eventIdOf('departures', flight), eventTime: 0, acceptedAt: 0, position: 0, outcome: 'OK', score: 0.5, failure: null, role: 'CHAMPION', version: 1, bundle: '', epoch, rolloutId: '', latencyMs: 0 });
const at = <E>(event: E, offset: number, partition = 0) => ({ event, offset, partition });

const good: History = {
  posted: { departures: 3, arrivals: 1 }, rejected: 0,
  ingested: [1, 2, 3].map((flight) => at(ingested('departures', flight), flight)).concat([at(ingested('arrivals', 1), 4)]),
  vectors: [1, 2, 3].map((flight) => at(vector(flight), flight)),
  labels: [at(label(1), 0)],
  predictions: [at(prediction(2, 1), 0), at(prediction(3, 2), 1)],
  adoptions: [new RouteAdopted({ model: 'm', rolloutId: '', slot: 0, epoch: 1, offset: 2, instance: '' })],
};

describe('the checker of histories', () => {
  it('finds nothing in a good one', () => expect(Object.values(faultsOf(good)).every((count) => count === 0)).toBe(true));

  it.each<[string, Partial<History>, string]>([
    ['a lost outcome', { posted: { departures: 4, arrivals: 1 } }, 'outcomes'],
    ['a lost vector', { vectors: good.vectors.slice(1) }, 'vectorsLost'],
    ['a doubled vector', { vectors: [...good.vectors, at(vector(1), 9)] }, 'vectorsDoubled'],
    ['a lost label', { labels: [] }, 'labelsLost'],
    ['a doubled label', { labels: [...good.labels, ...good.labels] }, 'labelsDoubled'],
    ['a lost prediction', { predictions: good.predictions.slice(0, 1) }, 'predictionsLost'],
    ['a doubled prediction', { predictions: [...good.predictions, at(prediction(3, 2), 5)] }, 'predictionsDoubled'],
    ['a prediction before the first route', { predictions: [at(prediction(1, 1), 0), ...good.predictions] }, 'predictionsTooEarly'],
    ['a prediction in another slot', { predictions: [at(prediction(2, 1), 0, 1), good.predictions[1]!] }, 'predictionsLost'],
    ['a falling epoch', { predictions: [at(prediction(2, 2), 0), at(prediction(3, 1), 1)] }, 'epochsFalling'],
  ])('finds %s', (_, change, name) => expect(faultsOf({ ...good, ...change })[name as keyof ReturnType<typeof faultsOf>]).toBe(1));
});
