import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MillraceError, boundedType, decodeBody } from '@millrace/contracts';
import { avroDecoder, type AvroSchema } from '@millrace/verification';
import { Random } from '../random.ts';
import { avroSample } from './avro-sample.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';

/** Shapes that streams may have and events of the platform do not: recursion, maps of maps, arrays of arrays. */
const streamSchemas: readonly AvroSchema[] = [
  { type: 'record', name: 'Order', fields: [{ name: 'order', type: 'long' }, { name: 'placedAt', type: 'long' }, { name: 'amount', type: 'double' }, { name: 'note', type: ['null', 'string'] }] },
  { type: 'record', name: 'Tree', fields: [{ name: 'value', type: 'int' }, { name: 'left', type: ['null', 'Tree'] }, { name: 'right', type: ['null', 'Tree'] }] },
  { type: 'record', name: 'List', fields: [{ name: 'head', type: 'long' }, { name: 'tail', type: ['null', 'List'] }] },
  { type: 'record', name: 'Nested', fields: [{ name: 'maps', type: { type: 'map', values: { type: 'map', values: ['null', 'long', 'string'] } } }, { name: 'grid', type: { type: 'array', items: { type: 'array', items: 'float' } } }] },
  { type: 'record', name: 'Kinds', fields: [{ name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['a', 'b', 'c'] } }, { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 16 } }, { name: 'flags', type: { type: 'array', items: 'boolean' } }, { name: 'none', type: 'null' }] },
];

interface Subject {
  readonly name: string;
  readonly schema: AvroSchema;
  readonly decode: (bytes: Buffer) => unknown;
  readonly witness: (bytes: Buffer) => unknown;
}

/** One in so many runs decodes its sample unchanged. */
const validEvery = 8;

/**
 * Avro bodies of every event of the platform and of some streams, valid and mutated, through the decoder that reads records from outside.
 * A valid body must give what a second decoder gives; so must a mutated one that is accepted, and what is refused the second one must refuse, too.
 */
export function avroFuzz(): FuzzTarget {
  const subjects = schemas().map((schema): Subject => {
    const type = boundedType(schema as object);
    return { name: (schema as unknown as { name: string }).name, schema, decode: (bytes) => decodeBody(type, bytes, 0), witness: avroDecoder(schema) };
  });
  return {
    codes: new Set(['NOT_AVRO']),
    prepare(seed, run) {
      const random = new Random('avro', seed, run);
      const subject = random.pick(subjects);
      const sample = avroSample(subject.schema, random);
      const isValid = run % validEvery === 0;
      const bytes = isValid ? sample.bytes : mutate(sample.bytes, sample.marks, random);
      return {
        what: `${subject.name} ${bytes.toString('hex').slice(0, 400)}`,
        execute: async () => subject.decode(bytes),
        judge: (value, error) => (error === undefined ? difference(subject, bytes, value) : isValid ? `a valid body is refused: ${error.message}` : undeserved(subject, bytes, error)),
      };
    },
  };
}

function difference({ witness }: Subject, bytes: Buffer, value: unknown): string | undefined {
  let other: unknown;
  try {
    other = witness(bytes);
  } catch (error) {
    // The second decoder stops at a depth of its own; and avsc reads lengths and branches also where zeros make them longer than need be.
    if (/nested deeper|more than ten bytes/.test((error as Error).message)) return undefined;
    return `accepted, but refused by the second decoder: ${error instanceof MillraceError ? error.message : String(error)}`;
  }
  return same(value, other) ? undefined : 'the second decoder reads another value';
}

/** The checker calls a rejection undeserved when the second decoder reads the record. */
function undeserved({ witness }: Subject, bytes: Buffer, error: Error): string | undefined {
  try {
    witness(bytes);
  } catch {
    return undefined;
  }
  return `refused, but read by the second decoder: ${error.message}`;
}

function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return Object.is(one, other);
  if (one instanceof Uint8Array || other instanceof Uint8Array) return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && same((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]));
}

function schemas(): AvroSchema[] {
  const folder = new URL('../../../../libs/contracts/schemas/', import.meta.url);
  return [...readdirSync(folder).sort().map((file) => JSON.parse(readFileSync(fileURLToPath(new URL(file, folder)), 'utf8')) as AvroSchema), ...streamSchemas];
}
