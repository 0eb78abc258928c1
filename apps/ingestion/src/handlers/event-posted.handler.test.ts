import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DefinitionActivated, DefinitionApplied, EventEncoder, EventIngested, EventPosted, EventRejected, eventIdOf } from '@millrace/contracts';
import avro from 'avsc';
import { LaneState } from '../domain/lane.state.ts';
import { EventPostedHandler } from './event-posted.handler.ts';

const streams = {
  version: 1, timeZoneData: '2025b', entities: [], rowFeatures: [], views: [], models: [],
  streams: [
    { name: 'orders', fields: [{ name: 'order', kind: 'whole' }, { name: 'placedAt', kind: 'instant' }, { name: 'amount', kind: 'real', min: 0 }], id: 'order', eventTime: 'placedAt', after: [] },
    { name: 'visits', fields: [{ name: 'at', kind: 'instant' }], eventTime: 'at', after: [] },
  ],
};
const orders = { type: 'record', name: 'Orders', fields: [{ name: 'order', type: 'long' }, { name: 'placedAt', type: 'long' }, { name: 'amount', type: 'double' }] };
const visits = { type: 'record', name: 'Visits', fields: [{ name: 'at', type: 'long' }] };
const applied = new DefinitionApplied({ hash: 'h', definitions: JSON.stringify(streams), schemas: [{ stream: 'orders', schemaId: 1000, schema: JSON.stringify(orders) }, { stream: 'visits', schemaId: 1001, schema: JSON.stringify(visits) }], appliedAt: 0, by: 'test' });
const acceptedAt = Date.UTC(2026, 0, 1);

const framed = (schemaId: number, schema: object, value: object): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(5), avro.Type.forSchema(schema as avro.Schema).toBuffer(value)]);
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
};
const order = (fields: object = {}): Buffer => framed(1000, orders, { order: 7, placedAt: acceptedAt - 1000, amount: 2.5, ...fields });
const posted = (value: Buffer | null, over: Partial<EventPosted> = {}): EventPosted =>
  new EventPosted({ stream: 'orders', source: { topic: 'events.orders', partition: 0, offset: 3 }, acceptedAt, key: Buffer.from('k'), value, headers: { trace: Buffer.from('t') }, ...over });

function outcomesOf(...events: EventPosted[]): (EventIngested | EventRejected)[] {
  const lane = new LaneState();
  lane.apply(applied, 1);
  const reads = events.map((event, position) => ({ event, topic: 'events.orders', partition: 0, position, time: event.acceptedAt, id: Buffer.alloc(0), headers: {} }));
  return [...new EventPostedHandler().handleBatch(reads, lane)];
}

describe('a posted record', () => {
  it('that fits is ingested under the identity of its id field, with its bytes', () => {
    const [outcome] = outcomesOf(posted(order())) as [EventIngested];
    expect(outcome).toBeInstanceOf(EventIngested);
    expect(outcome.eventId).toEqual(eventIdOf('orders', 7));
    expect(outcome.eventTime).toBe(acceptedAt - 1000);
    expect(outcome.payload).toEqual(order().subarray(5));
    expect(outcome.source).toEqual({ topic: 'events.orders', partition: 0, offset: 3 });
  });

  it('without an id field is known by ce_id, else by where it stands', () => {
    const visit = framed(1001, visits, { at: acceptedAt });
    const outcomes = outcomesOf(posted(visit, { stream: 'visits', headers: { ce_id: Buffer.from('v-1') } }), posted(visit, { stream: 'visits' })) as EventIngested[];
    expect(outcomes.map(({ eventId }) => eventId)).toEqual([eventIdOf('visits', 'v-1'), eventIdOf('visits', 'events.orders/0/3')]);
  });

  it.each([
    ['that is no Avro', Buffer.from('hello'), 'NOT_AVRO'],
    ['that is empty', null, 'NOT_AVRO'],
    ['that is cut', order().subarray(0, 9), 'NOT_AVRO'],
    ['that is too long', Buffer.concat([order(), Buffer.from('x')]), 'NOT_AVRO'],
    ['of an unknown schema', framed(1234, orders, { order: 7, placedAt: 0, amount: 1 }), 'UNKNOWN_SCHEMA'],
    ['of another stream', framed(1001, visits, { at: 0 }), 'UNKNOWN_SCHEMA'],
    ['with a value out of range', order({ amount: -1 }), 'INVALID_FIELD'],
    ['with a value that is no number', order({ amount: NaN }), 'INVALID_FIELD'],
    ['from the future', order({ placedAt: acceptedAt + 6 * 60_000 }), 'FROM_THE_FUTURE'],
  ])('%s is rejected with its bytes and the cause, and the good ones around it flow on', (_, value, code) => {
    const outcomes = outcomesOf(posted(order()), posted(value), posted(order()));
    expect(outcomes.map((outcome) => outcome.constructor)).toEqual([EventIngested, EventRejected, EventIngested]);
    const rejected = outcomes[1] as EventRejected;
    expect(rejected).toMatchObject({ code, stream: 'orders', key: Buffer.from('k'), value, headers: { trace: Buffer.from('t') }, offsets: 1, cuts: [] });
    expect(rejected.reason.length).toBeGreaterThan(20);
  });
});

describe('what is larger than one record of events-rejected', () => {
  const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const written = (event: EventPosted): EventRejected => {
    const [rejected] = outcomesOf(event) as [EventRejected];
    // Below what a writer takes, with its key, its headers and what a batch adds.
    expect(new EventEncoder().encode(rejected).length).toBeLessThan(850_000);
    return rejected;
  };

  it('is cut, with length and hash of the whole', () => {
    const value = randomBytes(5_000_000);
    const rejected = written(posted(value));
    expect(rejected).toMatchObject({ code: 'TOO_LARGE', key: Buffer.from('k'), headers: { trace: Buffer.from('t') }, cuts: [{ part: 'value', bytes: 5_000_000, sha256: sha256(value) }] });
    expect(rejected.value).toEqual(value.subarray(0, rejected.value!.length));
    expect(rejected.value!.length).toBeGreaterThan(700_000);
  });

  it('keeps room for the value beside a flood of headers and a large key', () => {
    const key = randomBytes(400_000);
    const headers = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`h${i}`, Buffer.from('v')]));
    const value = randomBytes(400_000);
    const rejected = written(posted(value, { key, headers }));
    expect(rejected).toMatchObject({ key: key.subarray(0, 100_000), value, headers: {} });
    expect(rejected.cuts.map(({ part, bytes }) => [part, bytes])).toEqual([['headers', Object.keys(headers).join('').length + 50_000], ['key', 400_000]]);
    expect(rejected.cuts[1]!.sha256).toEqual(sha256(key));
  });

  it('is whole while it fits', () => {
    const value = randomBytes(780_000);
    expect(written(posted(value))).toMatchObject({ value, cuts: [] });
  });
});

describe('a batch that cannot be decoded', () => {
  it('has one outcome that says how many offsets it stands for', () => {
    const poison = { offsets: 37, code: 'RECORD_BATCH_CORRUPT', reason: 'the record batch at offset 3 has records out of order' };
    const [rejected, ...others] = outcomesOf(posted(Buffer.from('the batch'), { key: null, headers: {}, poison }));
    expect(others).toEqual([]);
    expect(rejected).toMatchObject({ code: poison.code, reason: poison.reason, offsets: 37, source: { offset: 3 }, value: Buffer.from('the batch'), cuts: [] });
  });
});

describe('definitions in a lane', () => {
  const due = (lane: LaneState): unknown[] => [...lane.due()];

  it('are activated once, before the first batch that they hold for', () => {
    const lane = new LaneState();
    lane.apply(applied, 1);
    expect(due(lane)).toEqual([new DefinitionActivated({ hash: 'h', definitions: applied.definitions, schemas: applied.schemas, appliedOffset: 1 })]);
    expect(due(lane)).toEqual([]);
  });

  it('are activated again when the transaction was undone', () => {
    const lane = new LaneState();
    lane.apply(applied, 1);
    const journal = lane.journal();
    due(lane);
    journal.undo();
    expect(due(lane)).toHaveLength(1);
  });

  it('that end before those in force let the lane wait, instead of judging by older ones', () => {
    const lane = new LaneState();
    lane.resume(5);
    const read = (): unknown => [...new EventPostedHandler().handleBatch([{ event: posted(order()), topic: 'events.orders', partition: 0, position: 3, time: acceptedAt, id: Buffer.alloc(0), headers: {} }], lane)];
    const waits = expect.objectContaining({ code: 'LOG_BEHIND', retriable: true }) as unknown as Error;
    expect(read).toThrow(waits);
    lane.apply(new DefinitionApplied({ ...applied, schemas: [] }), 1);
    expect(read).toThrow(waits);
    expect(due(lane)).toEqual([]);
    lane.apply(applied, 5);
    expect(read()).toEqual([expect.any(EventIngested)]);
    expect(due(lane)).toEqual([]);
  });

  it('are not activated again after a restart', () => {
    const before = new LaneState();
    before.apply(applied, 1);
    due(before);
    const after = new LaneState();
    after.resume(before.mark());
    after.apply(applied, 1);
    expect(due(after)).toEqual([]);
  });
});
