import type { AvroSchema } from '@millrace/verification';
import type { Random } from '../random.ts';

/** Valid bytes of a schema, and where in them lengths, block counts and branches stand: what a mutation hurts most. */
export interface AvroSample {
  readonly bytes: Buffer;
  readonly marks: readonly number[];
}

interface Draft {
  readonly parts: Buffer[];
  readonly marks: number[];
  size: number;
}

type Definition = { readonly type: AvroSchema; readonly name?: string; readonly namespace?: string; readonly [key: string]: unknown };

/** Below this depth only the shortest values are drawn, so that recursive schemas end. */
const deepest = 4;
const strangeTexts = ['', '__proto__', 'constructor', 'ü€😀', '\0', 'a'.repeat(300)];
const strangeNumbers = [0, -1, 1, 63, 64, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1)];

/**
 * Draws a valid value of a schema and writes it as Avro bytes, by the specification (Apache Avro 1.11, "Binary Encoding").
 *
 * @example avroSample('long', new Random(7)).bytes // 0 to 8 bytes of a zigzag varint
 */
export function avroSample(schema: AvroSchema, random: Random): AvroSample {
  const draft: Draft = { parts: [], marks: [], size: 0 };
  write(schema, '', new Map(), draft, random, 0);
  return { bytes: Buffer.concat(draft.parts), marks: draft.marks };
}

function write(schema: AvroSchema, namespace: string, named: Map<string, Definition>, draft: Draft, random: Random, depth: number): void {
  if (Array.isArray(schema)) {
    const branches = schema as readonly AvroSchema[];
    const branch = depth > deepest ? 0 : random.whole(0, branches.length - 1);
    mark(draft);
    put(draft, zigzag(branch));
    return write(branches[branch]!, namespace, named, draft, random, depth + 1);
  }
  if (typeof schema === 'string') {
    const definition = named.get(schema.includes('.') ? schema : `${namespace}.${schema}`) ?? named.get(`.${schema}`);
    return definition ? write(definition, namespace, named, draft, random, depth) : primitive(schema, draft, random);
  }
  const definition = schema as Definition;
  const within = definition.namespace ?? namespace;
  if (definition.name !== undefined) named.set(`${within}.${definition.name}`, definition);
  switch (definition.type) {
    case 'record':
      for (const { type } of definition['fields'] as { type: AvroSchema }[]) write(type, within, named, draft, random, depth + 1);
      return;
    case 'enum':
      mark(draft);
      return put(draft, zigzag(random.whole(0, (definition['symbols'] as string[]).length - 1)));
    case 'fixed':
      return put(draft, randomBytes(random, definition['size'] as number));
    case 'array':
      return blocks(draft, random, depth, () => write(definition['items'] as AvroSchema, within, named, draft, random, depth + 1));
    case 'map':
      return blocks(draft, random, depth, () => {
        primitive('string', draft, random);
        write(definition['values'] as AvroSchema, within, named, draft, random, depth + 1);
      });
    default:
      return write(definition.type, within, named, draft, random, depth);
  }
}

/** Blocks of some items; now and then with the size in bytes, which a negative count announces. */
function blocks(draft: Draft, random: Random, depth: number, item: () => void): void {
  for (let left = depth > deepest ? 0 : random.whole(0, 2); left > 0; left--) {
    const count = random.whole(1, 3);
    mark(draft);
    if (random.chance(0.2)) {
      put(draft, zigzag(-count));
      const at = draft.parts.length;
      const before = draft.size;
      for (let i = 0; i < count; i++) item();
      const size = zigzag(draft.size - before);
      draft.parts.splice(at, 0, size);
      for (let i = 0; i < draft.marks.length; i++) if (draft.marks[i]! >= before) draft.marks[i]! += size.length;
      draft.marks.push(before);
      draft.size += size.length;
    } else {
      put(draft, zigzag(count));
      for (let i = 0; i < count; i++) item();
    }
  }
  mark(draft);
  put(draft, Buffer.from([0]));
}

function primitive(type: string, draft: Draft, random: Random): void {
  switch (type) {
    case 'null': return;
    case 'boolean': return put(draft, Buffer.from([random.whole(0, 1)]));
    case 'int': return put(draft, zigzag(random.whole(-(2 ** 31), 2 ** 31 - 1)));
    case 'long': return put(draft, zigzag(random.chance(0.3) ? random.pick(strangeNumbers) : random.whole(-1e12, 1e12)));
    case 'float': case 'double': return put(draft, randomBytes(random, type === 'float' ? 4 : 8));
    default: {
      const bytes = type === 'string' ? Buffer.from(random.chance(0.3) ? random.pick(strangeTexts) : `text ${random.whole(0, 1e6)}`) : randomBytes(random, random.whole(0, 24));
      mark(draft);
      put(draft, zigzag(bytes.length));
      put(draft, bytes);
    }
  }
}

function mark(draft: Draft): void {
  draft.marks.push(draft.size);
}

function put(draft: Draft, bytes: Buffer): void {
  draft.parts.push(bytes);
  draft.size += bytes.length;
}

/** @example zigzag(-1) // <01> */
export function zigzag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.whole(0, 255)));
}
