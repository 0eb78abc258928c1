import { describe, expect, it } from '@jest/globals';
import { EventEncoder, PredictionMade, VectorComputed, boundedType, decodeBody, decodeEvent, eventIdOf } from './index.ts';

const vector = (length: number): VectorComputed =>
  new VectorComputed({ model: 'm', eventId: eventIdOf('s', 1), entityKeys: ['a'], eventTime: 5, acceptedAt: 6, position: 7, vectors: [{ featureSet: 'f', numeric: Array.from({ length }, (_, i) => (i === 1 ? NaN : i)), categorical: [] }] });

describe('codec', () => {
  it('brings an event back as an instance of its class', () => {
    const decoded = decodeEvent(new EventEncoder().encode(vector(3)));
    expect(decoded).toBeInstanceOf(VectorComputed);
    expect((decoded as VectorComputed).vectors[0]!.numeric).toEqual([0, NaN, 2]);
  });

  it('keeps earlier results valid, also beyond the size of its memory', () => {
    const encoder = new EventEncoder();
    const encoded = [3, 200_000, 4].map((length) => encoder.encode(vector(length)));
    expect(encoded.map((bytes) => (decodeEvent(bytes) as VectorComputed).vectors[0]!.numeric.length)).toEqual([3, 200_000, 4]);
  });

  it.each([30_000, 33_000, 40_000, 64_000, 66_000, 130_000])('encodes %d numbers, whatever the size of its memory and what it holds', (length) => {
    const encoder = new EventEncoder();
    for (const each of [length, 3, length, length]) expect((decodeEvent(encoder.encode(vector(each))) as VectorComputed).vectors[0]!.numeric.length).toBe(each);
  });

  it('encodes a decoded event to the same bytes', () => {
    const bytes = new EventEncoder().encode(vector(3));
    expect(new EventEncoder().encode(decodeEvent(bytes))).toEqual(bytes);
  });

  it('names the field of an event that does not fit', () => {
    const event = new PredictionMade({ ...({} as PredictionMade), model: 'm', eventId: Buffer.alloc(3) });
    expect(() => new EventEncoder().encode(event)).toThrow(/prediction-made does not fit its schema: eventId/);
  });

  it.each([
    ['no frame', Buffer.from('hello'), 'NOT_AVRO'],
    ['an empty record', Buffer.alloc(0), 'NOT_AVRO'],
    ['an unknown schema', Buffer.from([0, 0, 0, 3, 200, 1]), 'UNKNOWN_SCHEMA'],
    ['a cut body', new EventEncoder().encode(vector(3)).subarray(0, 40), 'NOT_AVRO'],
    ['a body that is too long', Buffer.concat([new EventEncoder().encode(vector(3)), Buffer.alloc(1)]), 'NOT_AVRO'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => decodeEvent(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('decodes on after a length that is not a number', () => {
    const bytes = boundedType('bytes');
    const endless = Buffer.concat([Buffer.alloc(400, 128), Buffer.from([0])]);
    for (const type of [bytes, boundedType('string'), boundedType({ type: 'map', values: 'bytes' }), boundedType({ type: 'array', items: 'bytes' })])
      expect(() => decodeBody(type, endless, 0)).toThrow(expect.objectContaining({ code: 'NOT_AVRO' }));
    expect(decodeBody(bytes, Buffer.from([4, 7, 8]), 0)).toEqual(Buffer.from([7, 8]));
    expect(decodeBody(boundedType({ type: 'fixed', name: 'F', size: 2 }), Buffer.from([7, 8]), 0)).toEqual(Buffer.from([7, 8]));
  });

  it('refuses a block count that the bytes cannot hold, before it allocates', () => {
    const type = boundedType({ type: 'record', name: 'R', fields: [{ name: 'a', type: { type: 'array', items: 'long' } }] });
    const hostile = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10, 0, 0, 0]);
    expect(() => decodeBody(type, hostile, 0)).toThrow(expect.objectContaining({ code: 'NOT_AVRO' }));
  });

  it.each([2 ** 52, -(2 ** 52), 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52 + 1, -(2 ** 52) - 1, 0, -1])('reads the number %d as it was written', (value) => {
    const zigzag = (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);
    const bytes = Array.from({ length: 8 }, (_, i) => Number((zigzag >> BigInt(7 * i)) & 127n) | (i < 7 ? 128 : 0));
    expect(decodeBody(boundedType('long'), Buffer.from(bytes), 0)).toBe(value);
  });

  it.each([
    ['a number beyond 2^53', 'long', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]],
    ['a number of more than ten bytes', 'long', [...Array<number>(11).fill(0x80), 0]],
    ['an int of more than 32 bits', 'int', [0x80, 0x80, 0x80, 0x80, 0x20]],
  ])('refuses %s', (_, type, bytes) => {
    expect(() => decodeBody(boundedType(type), Buffer.from(bytes), 0)).toThrow(expect.objectContaining({ code: 'NOT_AVRO' }));
  });

  it('refuses a schema whose arrays cannot be bounded', () => {
    expect(() => boundedType({ type: 'record', name: 'R', fields: [{ name: 'a', type: { type: 'array', items: 'null' } }] })).toThrow(expect.objectContaining({ code: 'SCHEMA_REFUSED' }));
  });
});
