import { boundedType, firstStreamSchemaId, frameBytes } from '@millrace/contracts';
import { avroSchemaOf, parseDefinitions, toCanonical } from '@millrace/definitions';
import * as definitions from './definitions.ts';
import type { Item, Poison } from './order-load.ts';

export const canonical = toCanonical({ ...definitions }, process.versions.tz ?? '');
const types = new Map(parseDefinitions(canonical.json).streams.map((stream) => [stream.name, boundedType(avroSchemaOf(stream))]));

/** Schema ids by stream, as the console has given them. */
export type SchemaIds = Readonly<Record<string, number>>;

/** The bytes that a producer would post for an item. */
export function encodeItem(item: Item, ids: SchemaIds): Buffer {
  if ('poison' in item) return poisonBytes(item.poison, ids[item.stream]!);
  return frame(ids[item.stream]!, types.get(item.stream)!.toBuffer(item.event));
}

function poisonBytes(kind: Poison, id: number): Buffer {
  const order = { order: 1, customer: 'x', placedAt: 0, amount: 1, items: 1 };
  switch (kind) {
    case 'garbage':
      return Buffer.from('no Avro at all');
    case 'empty':
      return Buffer.alloc(0);
    case 'unknown-schema':
      return frame(firstStreamSchemaId + 500, Buffer.from([2]));
    case 'trailing':
      return Buffer.concat([frame(id, types.get('orders')!.toBuffer(order)), Buffer.from('and more')]);
    case 'invalid':
      return frame(id, types.get('orders')!.toBuffer({ ...order, amount: -1 }));
    // A length of 2^40 in front of two bytes of text.
    case 'array-bomb':
      return frame(id, Buffer.from([2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 65, 65]));
    case 'from-the-future':
      return frame(id, types.get('orders')!.toBuffer({ ...order, placedAt: Date.UTC(2100, 0, 1) }));
  }
}

function frame(schemaId: number, body: Buffer): Buffer {
  const value = Buffer.concat([Buffer.alloc(frameBytes), body]);
  value.writeInt32BE(schemaId, 1);
  return value;
}
