import { describe, expect, it } from '@jest/globals';
import { EventEncoder, PredictionMade, boundedType } from '@millrace/contracts';
import { avroDecoder, type AvroSchema } from './avro-decoder.ts';
import { decodeOwn } from './own-events.ts';

const tree = { type: 'record', name: 'Tree', fields: [{ name: 'leaves', type: { type: 'array', items: 'Tree' } }] };
const everything: AvroSchema = {
  type: 'record', name: 'Everything', namespace: 'n',
  fields: [
    { name: 'none', type: 'null' }, { name: 'flag', type: 'boolean' }, { name: 'int', type: 'int' }, { name: 'long', type: 'long' }, { name: 'float', type: 'float' }, { name: 'double', type: 'double' },
    { name: 'bytes', type: 'bytes' }, { name: 'text', type: 'string' }, { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } }, { name: 'id', type: { type: 'fixed', name: 'Id', size: 4 } },
    { name: 'again', type: ['null', 'Id'] }, { name: 'list', type: { type: 'array', items: { type: 'record', name: 'Item', fields: [{ name: 'kind', type: 'n.Kind' }] } } }, { name: 'map', type: { type: 'map', values: 'long' } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
};
const value = {
  none: null, flag: true, int: -2147483648, long: -4503599627370496, float: 0.5, double: -1e300, bytes: Buffer.of(0, 255), text: 'ßé', kind: 'B', id: Buffer.of(1, 2, 3, 4), again: Buffer.of(5, 6, 7, 8),
  list: [{ kind: 'A' }, { kind: 'B' }], map: { ['__proto__']: 1, a: 2 ** 40 }, at: 1,
};

describe('avroDecoder', () => {
  it('reads what another encoder wrote, whatever the type', () => {
    const bytes = boundedType(everything as object).toBuffer(value);
    expect(avroDecoder(everything)(bytes)).toEqual(value);
  });

  it('reads the events of the platform by their schema files', () => {
    const made = { model: 'm', eventId: Buffer.alloc(16, 7), eventTime: 1, acceptedAt: 2, position: 3, outcome: 'OK', score: 0.25, failure: null, role: 'CANARY', version: 4, bundle: 'b', epoch: 5, rolloutId: 'r', latencyMs: 6 } as const;
    expect(decodeOwn(new EventEncoder().encode(new PredictionMade(made)))).toEqual({ stem: 'prediction-made', fields: made });
  });

  it('reads the least and the greatest number that float64 holds exactly', () => {
    const decode = avroDecoder('long');
    expect(decode(Buffer.from('fdffffffffffff1f', 'hex'))).toBe(-9007199254740991);
    expect(decode(Buffer.from('feffffffffffff1f', 'hex'))).toBe(9007199254740991);
  });

  it('reads blocks that carry their size', () => {
    expect(avroDecoder({ type: 'array', items: 'int' })(Buffer.of(3, 4, 2, 4, 2, 6, 0))).toEqual([1, 2, 3]);
  });

  it.each<[string, AvroSchema, number[]]>([
    ['bytes that are missing', 'double', [1, 2, 3]],
    ['bytes that are left over', 'int', [2, 2]],
    ['a text longer than what remains', 'string', [20, 65]],
    ['a negative length', 'bytes', [1]],
    ['a length beyond 64 bits', 'string', [0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 65]],
    ['a branch beyond 64 bits', ['null', 'int'], [0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x04, 2]],
    ['a block whose size is more than what remains', { type: 'array', items: 'int' }, [1, 8, 2, 0]],
    ['a block of 2^30 items', { type: 'array', items: 'double' }, [0x80, 0x80, 0x80, 0x80, 0x10, 0]],
    ['a block of items without bytes', { type: 'array', items: 'null' }, [0x80, 0x80, 0x80, 0x80, 0x10, 0]],
    ['a branch that is not there', ['null', 'int'], [4]],
    ['a symbol that is not there', { type: 'enum', name: 'K', symbols: ['A'] }, [2]],
    ['a boolean that is neither', 'boolean', [2]],
    ['an int beyond 32 bits', 'int', [0x80, 0x80, 0x80, 0x80, 0x20]],
    ['a long that float64 cannot hold', 'long', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a number of more than ten bytes', 'long', Array.from({ length: 12 }, () => 0x80)],
    ['values nested without end', tree, Array.from({ length: 500 }, () => 2)],
  ])('refuses %s', (_, schema, bytes) => {
    expect(() => avroDecoder(schema)(Buffer.from(bytes))).toThrow(expect.objectContaining({ code: 'NOT_AVRO' }));
  });

  it('refuses a schema that names what it does not declare', () => expect(() => avroDecoder({ type: 'array', items: 'Nothing' })).toThrow(expect.objectContaining({ code: 'SCHEMA_REFUSED' })));
});
