import { firstStreamSchemaId, type StreamSchema } from '@millrace/contracts';

/** Avro schema that a stream should have, as JSON. */
export interface WantedSchema {
  readonly stream: string;
  readonly schema: string;
}

/** The schema in force of a stream: the newest that it got. */
export function schemaInForce(schemas: readonly StreamSchema[], stream: string): StreamSchema | undefined {
  return schemas.filter((each) => each.stream === stream).reduce<StreamSchema | undefined>((newest, each) => (newest && newest.schemaId > each.schemaId ? newest : each), undefined);
}

/**
 * All schemas that ever were in force, with ids for those that are new. An unchanged schema keeps its id; any other gets the next
 * one, also one that was in force before: the highest id of a stream is the one in force, and an id never means two things.
 *
 * @example schemasAfter([], [{ stream: 'arrivals', schema }]) // [{ stream: 'arrivals', schemaId: 1000, schema }]
 */
export function schemasAfter(known: readonly StreamSchema[], wanted: readonly WantedSchema[]): StreamSchema[] {
  const all = [...known];
  for (const { stream, schema } of wanted) {
    if (schemaInForce(all, stream)?.schema === schema) continue;
    const schemaId = Math.max(firstStreamSchemaId - 1, ...all.map((each) => each.schemaId)) + 1;
    all.push({ stream, schemaId, schema });
  }
  return all;
}
