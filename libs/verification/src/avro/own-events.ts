import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { avroDecoder, type AvroSchema } from './avro-decoder.ts';

/**
 * Ids of the platform's schemas in Confluent framing, as documented; written down here anew, so that a slip in the platform's own
 * table shows.
 */
const stems: Readonly<Record<number, string>> = {
  1: 'workspace-created', 2: 'definition-applied', 3: 'command-issued', 10: 'event-ingested', 11: 'definition-activated', 12: 'event-rejected', 20: 'vector-computed',
  21: 'label-observed', 30: 'prediction-made', 31: 'model-loaded', 32: 'model-load-failed', 33: 'route-adopted', 40: 'window-summarised', 41: 'performance-reported',
  42: 'arm-observed', 43: 'retrain-requested', 50: 'training-started', 51: 'model-trained', 52: 'training-failed', 60: 'model-version-registered',
  61: 'model-version-approved', 62: 'model-version-rejected', 70: 'rollout-started', 71: 'route-changed', 72: 'rollout-completed', 73: 'rollout-aborted',
};

export interface OwnEvent {
  readonly stem: string;
  // Each check knows the schema of the stem that it asks for.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly fields: any;
}

let decoders: ReadonlyMap<number, { stem: string; decode: (bytes: Buffer, from?: number) => unknown }> | undefined;

function load(): NonNullable<typeof decoders> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@millrace/contracts/package.json')), 'schemas');
  const known = new Set(readdirSync(folder));
  return new Map(
    Object.entries(stems).filter(([, stem]) => known.has(`${stem}.avsc`)).map(([id, stem]) => [Number(id), { stem, decode: avroDecoder(JSON.parse(readFileSync(join(folder, `${stem}.avsc`), 'utf8')) as AvroSchema) }]),
  );
}

/**
 * Decodes a record of one of the platform's own topics.
 * @throws MillraceError NOT_AVRO, UNKNOWN_SCHEMA
 */
export function decodeOwn(value: Buffer | null): OwnEvent {
  const found = (decoders ??= load()).get(schemaIdOf(value));
  if (!found) throw new MillraceError('UNKNOWN_SCHEMA', `no event has the schema id ${schemaIdOf(value)}`);
  return { stem: found.stem, fields: found.decode(value!, 5) };
}

/** The schema id of a framed record: byte 0, then 4 bytes, most significant first. @throws MillraceError NOT_AVRO */
export function schemaIdOf(value: Buffer | null): number {
  if (!value || value.length < 5 || value[0] !== 0) throw new MillraceError('NOT_AVRO', 'the record has no frame of a zero byte and a schema id');
  return value.readInt32BE(1);
}
