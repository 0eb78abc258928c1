import { describe, expect, it } from '@jest/globals';
import { boundedType, eventIdOf } from '@millrace/contracts';

import { avroSchemaOf } from './avro-schema.ts';
import type { StreamDefinition } from './definition-set.ts';
import { eventTimeOf, idOf, validateEvent } from './stream-events.ts';

const orders: StreamDefinition = {
  name: 'shop-orders',
  fields: [
    { name: 'order', kind: 'whole', min: 1 },
    { name: 'at', kind: 'instant' },
    { name: 'price', kind: 'real', max: 100, unit: 'EUR' },
    { name: 'user', kind: 'text' },
    { name: 'paid', kind: 'flag' },
  ],
  id: 'order',
  eventTime: 'at',
  after: [],
};
const event = { order: 7, at: Date.UTC(2001, 0, 1), price: 9.5, user: 'ann', paid: true };

describe('events of a stream', () => {
  it('are valid with what Avro decodes, dates and integers of any kind, and fields of a newer schema', () => {
    const type = boundedType(avroSchemaOf(orders));
    expect(validateEvent(orders, type.fromBuffer(type.toBuffer(event)) as Record<string, unknown>)).toBeUndefined();
    expect(validateEvent(orders, { ...event, order: 7n, at: new Date(0), coupon: 'x' })).toBeUndefined();
  });

  it.each([
    [{ price: undefined }, "field 'price' is missing"],
    [{ user: null }, "field 'user' is missing"],
    [{ price: Number.NaN }, "field 'price' is no real but NaN"],
    [{ price: 101 }, "field 'price' is 101, above 100"],
    [{ order: 0 }, "field 'order' is 0, below 1"],
    [{ order: 1.5 }, "field 'order' is no whole but 1.5"],
    [{ order: 2 ** 53 }, "field 'order' is no whole but 9007199254740992"],
    [{ at: 'noon' }, "field 'at' is no instant but 'noon'"],
    [{ at: new Date(Number.NaN) }, "field 'at' is no instant but an object"],
    [{ paid: 1 }, "field 'paid' is no flag but 1"],
  ])('are refused with a reason: %j', (change, reason) => {
    expect(validateEvent(orders, { ...event, ...change })).toBe(reason);
  });

  it('have an id and a time', () => {
    expect(eventIdOf(orders.name, idOf(orders, event)!)).toEqual(eventIdOf('shop-orders', 7));
    expect(idOf({ ...orders, id: 'at' }, event)).toEqual(new Date('2001-01-01T00:00:00.000Z'));
    expect(idOf({ ...orders, id: undefined }, event)).toBeUndefined();
    expect(eventTimeOf(orders, { ...event, at: new Date(5) })).toBe(5);
  });

  it('are posted by an Avro schema named after the stream', () => {
    expect(avroSchemaOf(orders)).toEqual({
      type: 'record',
      name: 'ShopOrders',
      namespace: 'millrace.streams',
      fields: [
        { name: 'order', type: 'long' },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'price', type: 'double', doc: 'EUR' },
        { name: 'user', type: 'string' },
        { name: 'paid', type: 'boolean' },
      ],
    });
  });
});
