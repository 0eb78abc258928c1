import { describe, expect, it } from '@jest/globals';
import { EventIngested, eventIdOf } from '@millrace/contracts';
import { avroSchemaOf, count, defineEntity, defineFeatureView, defineModel, defineStream, gate, instant, logisticRegression, parseDefinitions, text, toCanonical, when, whole, cel } from '@millrace/definitions';
import avro from 'avsc';
import { LaneState } from './lane.state.ts';

const visits = defineStream('visits', { fields: { visit: whole(), at: instant(), shop: text() }, id: 'visit', eventTime: 'at' });
const sales = defineStream('sales', { fields: { visit: whole(), at: instant(), shop: text(), amount: whole() }, id: 'visit', eventTime: 'at' });
const shop = defineEntity('shop', [visits, sales] as const, (fields) => fields.shop);
const traffic = defineFeatureView('traffic', { from: visits, entity: shop, resolution: '1m', features: () => ({ visits60m: count().before('60m') }) });
const buys = defineModel('buys', {
  predicts: visits, features: { visits60m: traffic.visits60m },
  label: { from: sales, judges: 'visit', value: cel`${sales.amount} > 0`, horizon: '1h', absent: 'unknown' },
  learner: logisticRegression({ C: 1, encode: {} }), training: { window: '7d', holdout: 0.2, minimumLabels: 10, seed: 1 },
  gates: [gate.atLeast('auc', 0.5)], rollout: { steps: [100], minimum: 1, maximumWait: '1m' }, retrain: { when: [when.labels(10)], newLabels: 10, cooldown: '1d' },
});
const set = toCanonical({ visits, sales, shop, traffic, buys }, '2025b');
const parsed = parseDefinitions(set.json);
const schemaOf = (name: string): object => avroSchemaOf(parsed.streams.find((stream) => stream.name === name)!);
const activation = { definitions: set.json, schemas: ['sales', 'visits'].map((stream, index) => ({ stream, schemaId: 1000 + index, schema: JSON.stringify(schemaOf(stream)) })) };
const minute = 60_000;

function visit(number: number, at: number, place = 'a'): EventIngested {
  const payload = avro.Type.forSchema(schemaOf('visits') as avro.Schema).toBuffer({ visit: number, at, shop: place });
  return new EventIngested({ stream: 'visits', eventId: eventIdOf('visits', number), eventTime: at, acceptedAt: at, source: { topic: 'events.visits', partition: 0, offset: number }, schemaId: 1001, payload });
}

function sale(number: number, at: number): EventIngested {
  const payload = avro.Type.forSchema(schemaOf('sales') as avro.Schema).toBuffer({ visit: number, at, shop: 'a', amount: 3 });
  return new EventIngested({ stream: 'sales', eventId: eventIdOf('sales', number), eventTime: at, acceptedAt: at, source: { topic: 'events.sales', partition: 0, offset: number }, schemaId: 1000, payload });
}

function laneWith(...events: EventIngested[]): LaneState {
  const lane = new LaneState();
  lane.activate(activation);
  events.forEach((event, position) => lane.take(event, position));
  return lane;
}

describe('a lane of the feature store', () => {
  it('reads what the models ask before it learns', () => {
    const lane = laneWith(visit(1, 0), visit(2, minute));
    const { vectors } = lane.take(visit(3, 2 * minute), 9);
    expect(vectors).toHaveLength(1);
    expect(vectors[0]).toMatchObject({ model: 'buys', eventId: eventIdOf('visits', 3), position: 9, vectors: [{ numeric: [2], categorical: [] }] });
  });

  it('writes a label under the id of the event that it judges', () => {
    const { labels } = laneWith(visit(1, 0)).take(sale(1, minute), 5);
    expect(labels).toEqual([expect.objectContaining({ model: 'buys', eventId: eventIdOf('visits', 1), value: 1, labelTime: minute, position: 5 })]);
  });

  it('drops a repeat', () => {
    expect(laneWith(visit(1, 0)).take(visit(1, 0), 7)).toEqual({ vectors: [], labels: [] });
  });

  it('is as before when a batch is undone, definitions included', () => {
    const lane = laneWith(visit(1, 0));
    const before = lane.hash();
    const journal = lane.journal();
    lane.activate(activation);
    lane.take(visit(2, minute), 2);
    expect(lane.hash()).not.toBe(before);
    journal.undo();
    expect(lane.hash()).toBe(before);
  });

  it('goes on from a snapshot as if nothing had happened', async () => {
    const lane = laneWith(visit(1, 0), visit(2, minute));
    const restored = new LaneState();
    await restored.restore(lane.snapshot());
    expect(restored.hash()).toBe(lane.hash());
    expect(restored.take(visit(3, 2 * minute), 3)).toEqual(lane.take(visit(3, 2 * minute), 3));
  });

  it('refuses an event whose schema no definition brought', () => {
    const lane = new LaneState();
    expect(() => lane.take(visit(1, 0), 0)).toThrow(expect.objectContaining({ code: 'UNKNOWN_SCHEMA' }));
  });
});
