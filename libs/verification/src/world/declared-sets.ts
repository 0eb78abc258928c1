import { hash } from 'node:crypto';
import { avroDecoder, type AvroSchema } from '../avro/avro-decoder.ts';
import type { OwnEvent } from '../avro/own-events.ts';

export interface DeclaredModel {
  readonly name: string;
  readonly predicts: string;
  readonly features: readonly unknown[];
  readonly featureSet: string;
  readonly label: { readonly from: string; readonly judges: string; readonly value: string; readonly horizonMs: number };
}

export interface DeclaredStream {
  readonly name: string;
  readonly id?: string;
  readonly eventTime: string;
  readonly fields: readonly { readonly name: string; readonly kind: string }[];
}

export interface DeclaredSet {
  readonly streams: readonly DeclaredStream[];
  readonly models: readonly DeclaredModel[];
}

/** What was declared: lanes and slots, and the schemas of the streams. */
export class DeclaredSets {
  /** Slots of a lane. */
  slots = 1;
  lanes = 1;
  /** Definition-applied by hash. */
  readonly applied = new Map<string, { readonly set: DeclaredSet; readonly text: string }>();
  /** Applied last. */
  newest: DeclaredSet | undefined;
  /** Hashes of all feature sets that a model ever declared. */
  private readonly featureSets = new Map<string, Set<string>>();
  /** Label horizons by model, all that ever held, ms. */
  private readonly horizons = new Map<string, Set<number>>();
  private readonly decoders = new Map<number, { stream: string; decode: (bytes: Buffer, from?: number) => unknown }>();

  take({ stem, fields }: OwnEvent): void {
    if (stem === 'workspace-created') [this.lanes, this.slots] = [fields.lanes, fields.slots];
    if (stem === 'definition-applied') this.applied.set(fields.hash, { set: (this.newest = this.learn(fields)), text: fields.definitions });
  }

  /** The set of a definition-applied or definition-activated; its schemas are known from here on. */
  learn(fields: { definitions: string; schemas: readonly { stream: string; schemaId: number; schema: string }[] }): DeclaredSet {
    for (const { stream, schemaId, schema } of fields.schemas)
      if (!this.decoders.has(schemaId)) this.decoders.set(schemaId, { stream, decode: avroDecoder(JSON.parse(schema) as AvroSchema) });
    const set = JSON.parse(fields.definitions) as DeclaredSet;
    for (const { name, featureSet, label } of set.models) {
      this.featureSets.set(name, (this.featureSets.get(name) ?? new Set()).add(featureSet));
      this.horizons.set(name, (this.horizons.get(name) ?? new Set()).add(label.horizonMs));
    }
    return set;
  }

  /** How long after its event a label counts, ms; undefined for a model that is not declared, or was with several. */
  horizonMs(model: string): number | undefined {
    const horizons = this.horizons.get(model);
    return horizons?.size === 1 ? horizons.values().next().value : undefined;
  }

  wasDeclared(model: string, featureSet: string): boolean {
    return this.featureSets.get(model)?.has(featureSet) ?? false;
  }

  /** Fields of an event as posted; undefined when no schema of the stream reads it. */
  payload(stream: string, schemaId: number, bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
    const found = this.decoders.get(schemaId);
    if (found?.stream !== stream) return undefined;
    try {
      return found.decode(bytes) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }
}

/** First half of SHA-256(stream, 0x00, id as text): whole numbers as decimals, instants as ISO 8601 with milliseconds. */
export function identity(stream: string, value: unknown, kind: string | undefined): Buffer {
  const text = kind === 'instant' ? new Date(Number(value)).toISOString() : String(value);
  return hash('sha256', `${stream}\0${text}`, 'buffer').subarray(0, 16);
}
