import { avroSchemaOf, compilePlan, parseDefinitions } from '@millrace/definitions';
import type { CheckedSet } from './definitions.ts';

/**
 * Checks a whole set, before anything of it is written.
 *
 * @param json canonical JSON, or any JSON of the same value
 * @throws MillraceError DEFINITION_INVALID with the place and the reason
 */
export function checkDefinitions(json: string): CheckedSet {
  const set = parseDefinitions(json);
  const { definitions, hash } = compilePlan(set);
  return { definitions, hash, schemas: set.streams.map((stream) => ({ stream: stream.name, schema: JSON.stringify(avroSchemaOf(stream)) })), models: set.models.map(({ name }) => name) };
}
