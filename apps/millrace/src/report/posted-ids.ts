import { boundedType, decodeBody, eventIdOf, frameBytes, schemaIdOf, type DefinitionApplied, type IdValue } from '@millrace/contracts';
import { idOf, type DefinitionSet, type StreamDefinition } from '@millrace/definitions';

type Fields = Readonly<Record<string, unknown>>;

/** Reads, from records as they were posted, which event of a model they are about. */
export class PostedIds {
  private readonly types: ReadonlyMap<number, ReturnType<typeof boundedType>>;
  private readonly predicted: StreamDefinition;
  private readonly judging: StreamDefinition;

  constructor(applied: Pick<DefinitionApplied, 'definitions' | 'schemas'>, model: string) {
    const set = JSON.parse(applied.definitions) as DefinitionSet;
    const { predicts, label } = set.models.find(({ name }) => name === model)!;
    const streamOf = (name: string): StreamDefinition => set.streams.find((stream) => stream.name === name)!;
    this.types = new Map(applied.schemas.map(({ schemaId, schema }) => [schemaId, boundedType(JSON.parse(schema) as object)]));
    this.predicted = streamOf(predicts);
    // The field that names the judged event holds its id.
    this.judging = { ...streamOf(label.from), id: label.judges };
  }

  /** Id of the event that is predicted. */
  ofPredicted(fields: Fields): Uint8Array | undefined {
    return this.idOf(this.predicted, fields);
  }

  /** Id of the event that an outcome is about. */
  ofJudged(fields: Fields): Uint8Array | undefined {
    return this.idOf(this.judging, fields);
  }

  /** Fields of a posted record; undefined when it is none of these schemas. */
  posted(value: Buffer | null): Fields | undefined {
    try {
      return this.decode(schemaIdOf(value), value!, frameBytes);
    } catch {
      return undefined;
    }
  }

  /** Fields of an ingested event. */
  ingested(schemaId: number, payload: Uint8Array): Fields | undefined {
    return this.decode(schemaId, Buffer.from(payload.buffer, payload.byteOffset, payload.length), 0);
  }

  private decode(schemaId: number, bytes: Buffer, from: number): Fields | undefined {
    const type = this.types.get(schemaId);
    return type && (decodeBody(type, bytes, from) as Fields);
  }

  private idOf(stream: StreamDefinition, fields: Fields): Uint8Array | undefined {
    const value: IdValue | undefined = idOf(stream, fields);
    return value === undefined ? undefined : eventIdOf(this.predicted.name, value);
  }
}
