import type avro from 'avsc';
import { MillraceError, boundedType, decodeBody, frameBytes, schemaIdOf, type DefinitionAppliedFields } from '@millrace/contracts';
import { eventTimeOf, idOf, parseDefinitions, validateEvent, type StreamDefinition } from '@millrace/definitions';

/** How far an event time may lie behind its acceptance, ms: clocks differ. */
export const futureToleranceMs = 5 * 60_000;

/**
 * Largest posted record, bytes. An event must fit into one record of each topic on its way (900,000 bytes with its other fields); and
 * decoding takes memory of a multiple of the bytes, while compressed batches may hold records far above a broker's limit.
 */
export const largestRecord = 800_000;

/** Fields of a posted record that fits its stream. */
export interface AcceptedFields {
  readonly stream: StreamDefinition;
  readonly schemaId: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly eventTime: number;
}

/** Definitions in force: which schemas a stream accepts, and what its records must fulfil. */
export class AcceptedSchemas {
  private readonly streams: ReadonlyMap<string, StreamDefinition>;
  private readonly types: ReadonlyMap<number, { stream: string; type: avro.Type }>;
  private readonly newest: ReadonlyMap<string, number>;

  constructor(applied: Pick<DefinitionAppliedFields, 'definitions' | 'schemas'>) {
    const set = parseDefinitions(applied.definitions);
    this.streams = new Map(set.streams.map((stream) => [stream.name, stream]));
    this.types = new Map(applied.schemas.map(({ stream, schemaId, schema }) => [schemaId, { stream, type: boundedType(JSON.parse(schema) as object) }]));
    this.newest = new Map([...applied.schemas].sort((a, b) => a.schemaId - b.schemaId).map(({ stream, schemaId }) => [stream, schemaId]));
  }

  /** The definition of a stream. @throws MillraceError NOT_FOUND */
  stream(name: string): StreamDefinition {
    const stream = this.streams.get(name);
    if (!stream) throw new MillraceError('NOT_FOUND', `there is no stream '${name}'`, { hint: `declared are: ${[...this.streams.keys()].join(', ') || 'none'}` });
    return stream;
  }

  /** Id and type of a stream's newest schema. */
  schemaOf(name: string): { schemaId: number; type: avro.Type } {
    const schemaId = this.newest.get(this.stream(name).name);
    if (schemaId === undefined) throw new MillraceError('NOT_FOUND', `the stream '${name}' has no schema`);
    return { schemaId, type: this.types.get(schemaId)!.type };
  }

  /**
   * Decodes and checks a posted record.
   * @throws MillraceError TOO_LARGE, NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD or FROM_THE_FUTURE, with a reason for people
   */
  accept(name: string, value: Buffer | null, acceptedAt: number): AcceptedFields {
    const stream = this.stream(name);
    if (value !== null && value.length > largestRecord) throw new MillraceError('TOO_LARGE', `the record has ${value.length} bytes`, { hint: `post at most ${largestRecord}` });
    const schemaId = schemaIdOf(value);
    const known = this.types.get(schemaId);
    if (!known) throw new MillraceError('UNKNOWN_SCHEMA', `no schema has the id ${schemaId}`, { hint: `ask GET /streams/${name} of the console for the id to use` });
    if (known.stream !== name) throw new MillraceError('UNKNOWN_SCHEMA', `schema ${schemaId} belongs to the stream '${known.stream}', not to '${name}'`, { hint: `post it to events.${known.stream}` });
    const fields = decodeBody(known.type, value!, frameBytes) as Record<string, unknown>;
    const fault = validateEvent(stream, fields);
    if (fault !== undefined) throw new MillraceError('INVALID_FIELD', fault, { hint: `see the definition of the stream '${name}'` });
    const eventTime = eventTimeOf(stream, fields);
    if (eventTime > acceptedAt + futureToleranceMs)
      throw new MillraceError('FROM_THE_FUTURE', `the event time ${new Date(eventTime).toISOString()} lies more than 5 minutes behind its acceptance at ${new Date(acceptedAt).toISOString()}`, { hint: 'check the clock of the producer' });
    return { stream, schemaId, fields, eventTime };
  }
}

/** Identity of a posted record: its id field, else what the producer called it, else where it stands. */
export function identityOf({ stream, fields }: AcceptedFields, headers: Readonly<Record<string, Buffer | undefined>>, source: { topic: string; partition: number; offset: number }) {
  return idOf(stream, fields) ?? headers['ce_id']?.toString() ?? headers['idempotency-key']?.toString() ?? `${source.topic}/${source.partition}/${source.offset}`;
}
