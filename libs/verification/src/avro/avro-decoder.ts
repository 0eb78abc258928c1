import { MillraceError } from '@millrace/contracts';

/** An Avro schema as JSON. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly type: AvroSchema; readonly [key: string]: unknown };

/** Reads one value of a compiled schema from a cursor. */
type Read = (cursor: Cursor) => unknown;

/** A compiled schema node; `least` is the fewest bytes a value takes, known once the whole schema is compiled. */
interface Node {
  read: Read;
  least: number;
}

/** Nesting beyond this is refused: recursive schemas would let few bytes exhaust the stack. */
const depthLimit = 64;

class Cursor {
  readonly bytes: Buffer;
  at: number;
  depth = 0;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  take(count: number): number {
    const from = this.at;
    if (count < 0 || count > this.bytes.length - from) refuse(`${count} bytes are asked for where ${this.bytes.length - from} remain`);
    this.at = from + count;
    return from;
  }

  /** Variable-length zig-zag; at most ten bytes. Beyond ±2⁵³ a number would not be exact: refused. */
  long(): number {
    let low = 0;
    let shift = 0;
    for (; shift < 28; shift += 7) {
      const byte = this.bytes[this.take(1)]!;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    let big = BigInt(low);
    for (; shift < 70; shift += 7) {
      const byte = this.bytes[this.take(1)]!;
      big |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte >= 0x80) continue;
      const value = Number(BigInt.asIntN(64, (big >> 1n) ^ -(big & 1n)));
      return Number.isSafeInteger(value) ? value : refuse(`the number ${value} is not exact in float64`);
    }
    return refuse('a number takes more than ten bytes');
  }
}

/** An int, length, count, branch or symbol; zeros may make it longer than need be, but what does not fit into 64 bits is none, whatever remains of it. */
function whole(cursor: Cursor): number {
  const from = cursor.at;
  const value = cursor.long();
  return cursor.at - from === 10 && cursor.bytes[cursor.at - 1]! > 1 ? refuse('a number is beyond 64 bits') : value;
}

/**
 * Decoder of Avro's binary encoding, written from the specification (Apache Avro 1.11, "Binary Encoding") and from nothing else: it
 * stands beside the platform's own codec as its witness. Unions give the bare value, enums their symbol, bytes and fixed a view of
 * the input, maps an object without prototype, longs a number. Every length is checked against the bytes that remain.
 *
 * @example
 * const decode = avroDecoder({ type: 'record', name: 'P', fields: [{ name: 'x', type: 'long' }] });
 * decode(Buffer.from([0x54])) // { x: 42 }
 * @throws MillraceError SCHEMA_REFUSED at once for a schema that is none; NOT_AVRO from the decoder, also when bytes are left over
 */
export function avroDecoder(schema: AvroSchema): (bytes: Buffer, from?: number) => unknown {
  const { read } = new Compiler().compile(schema, '');
  return (bytes, from = 0) => {
    const cursor = new Cursor(bytes, from);
    const value = read(cursor);
    if (cursor.at !== bytes.length) refuse(`${bytes.length - cursor.at} bytes are left over`);
    return value;
  };
}

class Compiler {
  private readonly named = new Map<string, Node>();

  compile(schema: AvroSchema, namespace: string): Node {
    if (Array.isArray(schema)) return this.union(schema as readonly AvroSchema[], namespace);
    if (typeof schema === 'string') return primitives[schema] ?? this.named.get(fullName(schema, namespace)) ?? this.named.get(schema) ?? wrong(`the type '${schema}' is not declared`);
    const definition = schema as { type: AvroSchema; name?: string; namespace?: string; [key: string]: unknown };
    switch (definition.type) {
      case 'record': return this.record(definition, namespace);
      case 'enum': return this.name(definition, namespace, { least: 1, read: enumReader(definition['symbols'] as string[]) });
      case 'fixed': {
        const size = definition['size'] as number;
        return this.name(definition, namespace, { least: size, read: (cursor) => cursor.bytes.subarray(cursor.take(size), cursor.at) });
      }
      case 'array': return this.array(definition['items'] as AvroSchema, namespace);
      case 'map': return this.map(definition['values'] as AvroSchema, namespace);
      default: return definition.type === undefined ? wrong(`${JSON.stringify(schema)} has no type`) : this.compile(definition.type, namespace);
    }
  }

  private name(definition: { name?: string; namespace?: string }, namespace: string, node: Node): Node {
    this.named.set(fullName(definition.name ?? wrong('a named type has no name'), definition.namespace ?? namespace), node);
    return node;
  }

  private record(definition: { name?: string; namespace?: string; [key: string]: unknown }, outer: string): Node {
    const node = this.name(definition, outer, { least: 0, read: () => undefined });
    const namespace = definition.namespace ?? outer;
    const fields = (definition['fields'] as { name: string; type: AvroSchema }[]).map(({ name, type }) => ({ name, node: this.compile(type, namespace) }));
    node.least = fields.reduce((sum, field) => sum + field.node.least, 0);
    node.read = (cursor) => {
      if (++cursor.depth > depthLimit) refuse(`values are nested deeper than ${depthLimit}`);
      const value: Record<string, unknown> = {};
      for (const field of fields) value[field.name] = field.node.read(cursor);
      cursor.depth--;
      return value;
    };
    return node;
  }

  private union(branches: readonly AvroSchema[], namespace: string): Node {
    const nodes = branches.map((branch) => this.compile(branch, namespace));
    return { least: 1, read: (cursor) => (nodes[whole(cursor)] ?? refuse('a union names a branch that it does not have')).read(cursor) };
  }

  private array(items: AvroSchema, namespace: string): Node {
    const node = this.compile(items, namespace);
    return {
      least: 1,
      read: (cursor) => {
        if (++cursor.depth > depthLimit) refuse(`values are nested deeper than ${depthLimit}`);
        const values: unknown[] = [];
        for (let count = block(cursor, node.least); count > 0; count = block(cursor, node.least)) for (let i = 0; i < count; i++) values.push(node.read(cursor));
        cursor.depth--;
        return values;
      },
    };
  }

  private map(values: AvroSchema, namespace: string): Node {
    const node = this.compile(values, namespace);
    return {
      least: 1,
      read: (cursor) => {
        if (++cursor.depth > depthLimit) refuse(`values are nested deeper than ${depthLimit}`);
        const map = Object.create(null) as Record<string, unknown>;
        for (let count = block(cursor, 1 + node.least); count > 0; count = block(cursor, 1 + node.least)) for (let i = 0; i < count; i++) map[text(cursor)] = node.read(cursor);
        cursor.depth--;
        return map;
      },
    };
  }
}

const text = (cursor: Cursor): string => cursor.bytes.toString('utf8', cursor.take(whole(cursor)), cursor.at);

const primitives: Readonly<Record<string, Node | undefined>> = {
  null: { least: 0, read: () => null },
  boolean: { least: 1, read: (cursor) => [false, true][cursor.bytes[cursor.take(1)]!] ?? refuse('a boolean is neither 0 nor 1') },
  int: { least: 1, read: (cursor) => { const value = whole(cursor); return value === (value | 0) ? value : refuse(`${value} is no 32-bit number`); } },
  long: { least: 1, read: (cursor) => cursor.long() },
  float: { least: 4, read: (cursor) => cursor.bytes.readFloatLE(cursor.take(4)) },
  double: { least: 8, read: (cursor) => cursor.bytes.readDoubleLE(cursor.take(8)) },
  bytes: { least: 1, read: (cursor) => cursor.bytes.subarray(cursor.take(whole(cursor)), cursor.at) },
  string: { least: 1, read: text },
};

function enumReader(symbols: readonly string[]): Read {
  return (cursor) => symbols[whole(cursor)] ?? refuse('an enum names a symbol that it does not have');
}

/** Items of the next block. A negative count is followed by the size of the block in bytes. */
function block(cursor: Cursor, least: number): number {
  let count = whole(cursor);
  if (count < 0) {
    count = -count;
    const bytes = whole(cursor);
    if (bytes < 0 || bytes > cursor.bytes.length - cursor.at) refuse(`a block of ${bytes} bytes does not fit into those that remain`);
  }
  // Items of no bytes cannot be bounded by the bytes that remain; no schema of ours has them.
  if (count * Math.max(1, least) > cursor.bytes.length - cursor.at) refuse(`a block of ${count} items does not fit into the bytes that remain`);
  return count;
}

const fullName = (name: string, namespace: string): string => (name.includes('.') || namespace === '' ? name : `${namespace}.${name}`);

function refuse(what: string): never {
  throw new MillraceError('NOT_AVRO', what);
}

function wrong(what: string): never {
  throw new MillraceError('SCHEMA_REFUSED', what);
}
