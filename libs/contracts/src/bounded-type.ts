import avro from 'avsc';
import { MillraceError } from './millrace-error.ts';

interface Tap {
  buf: Buffer;
  pos: number;
  readLong(): number;
  readString(): string;
  readFixed(length: number): Buffer;
}
interface Inner {
  typeName: string;
  _read(tap: Tap): unknown;
  fields?: { type: Inner }[];
}
interface Constructor {
  new (schema: object, options: object): { itemsType: Inner; valuesType: Inner };
}
interface Primitive<T> {
  new (): { _read(tap: Tap): T };
}
const { ArrayType, MapType, BooleanType, BytesType, IntType, LongType, StringType } = (avro as unknown as {
  types: Record<'ArrayType' | 'MapType', Constructor> & Record<'IntType' | 'LongType', Primitive<number>> & { BooleanType: Primitive<boolean>; BytesType: Primitive<Buffer>; StringType: Primitive<string> };
}).types;

/**
 * A varint of 150 bytes makes a length that is not a number. avsc takes it into the pool that all its buffers come from, and from then on
 * every `bytes` and every `fixed` that the process decodes is empty.
 */
class BoundedBytes extends BytesType {
  override _read(tap: Tap): Buffer {
    const length = tap.readLong();
    if (!(length >= 0 && length <= tap.buf.length - tap.pos)) throw new MillraceError('NOT_AVRO', `${length} bytes do not fit into those that remain`);
    return tap.readFixed(length);
  }
}

class BoundedString extends StringType {
  override _read(tap: Tap): string {
    const text = tap.readString();
    // Also for a position that is not a number.
    if (!(tap.pos <= tap.buf.length)) throw new MillraceError('NOT_AVRO', 'a text ends behind the body');
    return text;
  }
}

class StrictBoolean extends BooleanType {
  override _read(tap: Tap): boolean {
    const byte = tap.buf[tap.pos++]!;
    if (byte > 1) throw new MillraceError('NOT_AVRO', `a boolean is ${byte}`);
    return byte === 1;
  }
}

/** Zigzag doubles a number, so float64 adds up the bytes of a larger one inexactly: avsc then gives one that is wrong by 1, or of the other sign. */
const exactBelow = 2 ** 52;

class ExactLong extends LongType {
  override _read(tap: Tap): number {
    const at = tap.pos;
    const value = tap.readLong();
    return value > -exactBelow && value < exactBelow && tap.pos - at <= 10 ? value : exactLong(tap, at);
  }
}

class ExactInt extends IntType {
  override _read(tap: Tap): number {
    const at = tap.pos;
    const value = tap.readLong();
    if (value !== (value | 0) || tap.pos - at > 10) throw new MillraceError('NOT_AVRO', `${value} is no 32-bit integer`);
    return value;
  }
}

function exactLong(tap: Tap, at: number): number {
  const bytes = tap.buf.subarray(at, tap.pos);
  if (bytes.length > 10) throw new MillraceError('NOT_AVRO', 'a number takes more than ten bytes');
  const raw = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 127), 0n);
  const value = Number(BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n)));
  if (!Number.isSafeInteger(value)) throw new MillraceError('NOT_AVRO', `the number ${value} is beyond 2^53 and would not be exact`);
  return value;
}

class BoundedArray extends ArrayType {
  _read(tap: Tap): unknown[] {
    const items = this.itemsType;
    const size = minimumSize(items);
    const values: unknown[] = [];
    for (let count = blockCount(tap, size); count !== 0; count = blockCount(tap, size)) for (let i = 0; i < count; i++) values.push(items._read(tap));
    return values;
  }
}

class BoundedMap extends MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values = this.valuesType;
    const size = 1 + minimumSize(values);
    const map: Record<string, unknown> = Object.create(null);
    for (let count = blockCount(tap, size); count !== 0; count = blockCount(tap, size)) for (let i = 0; i < count; i++) map[readKey(tap)] = values._read(tap);
    return map;
  }
}

/**
 * An avsc type whose numbers and flags are exact or refused, and whose arrays and maps check each block count against the bytes that remain, before anything is allocated:
 * without that, 24 hostile bytes (a block of 2^31 items) end the process.
 *
 * @throws MillraceError SCHEMA_REFUSED for arrays whose items may take no byte, since their count cannot be bounded
 */
export function boundedType(schema: object | string): avro.Type {
  const typeHook = (inner: unknown, options: object): unknown => {
    const type = typeof inner === 'string' ? inner : (inner as { type?: unknown } | null)?.type;
    if (type === 'long') return new ExactLong();
    if (type === 'int') return new ExactInt();
    if (type === 'boolean') return new StrictBoolean();
    if (type === 'bytes') return new BoundedBytes();
    if (type === 'string') return new BoundedString();
    if (type === 'map') return new BoundedMap(inner as object, options);
    if (type !== 'array') return undefined;
    const array = new BoundedArray(inner as object, options);
    if (minimumSize(array.itemsType) === 0) throw new MillraceError('SCHEMA_REFUSED', 'an array whose items may be empty cannot be bounded', { hint: 'give the item type at least one field' });
    return array;
  };
  return avro.Type.forSchema(schema as avro.Schema, { typeHook } as unknown as avro.ForSchemaOptions);
}

function readKey(tap: Tap): string {
  const key = tap.readString();
  if (!(tap.pos <= tap.buf.length)) throw new MillraceError('NOT_AVRO', 'a key ends behind the body');
  return key;
}

function blockCount(tap: Tap, size: number): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    const bytes = tap.readLong();
    if (!(bytes >= 0 && bytes <= tap.buf.length - tap.pos)) throw new MillraceError('NOT_AVRO', `a block of ${bytes} bytes does not fit into those that remain`);
  }
  if (!(count * size <= tap.buf.length - tap.pos)) throw new MillraceError('NOT_AVRO', `a block of ${count} items does not fit into the ${Math.max(0, tap.buf.length - tap.pos)} bytes that remain`);
  return count;
}

const minimumSizes = new WeakMap<Inner, number>();

/** Fewest bytes that a value can take. */
function minimumSize(type: Inner & { size?: number }): number {
  let size = minimumSizes.get(type);
  if (size === undefined) {
    minimumSizes.set(type, 0); // a recursive type counts as empty where it meets itself
    if (type.typeName === 'null') size = 0;
    else if (type.typeName === 'float') size = 4;
    else if (type.typeName === 'double') size = 8;
    else if (type.typeName === 'fixed') size = type.size ?? 0;
    else if (type.typeName === 'record') size = (type.fields ?? []).reduce((sum, field) => sum + minimumSize(field.type), 0);
    else size = 1;
    minimumSizes.set(type, size);
  }
  return size;
}
