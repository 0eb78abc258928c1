import { compilePlan } from './compile-plan.ts';
import { definitionError } from './definition-error.ts';
import { DefinitionIndex } from './definition-index.ts';
import { definitionSetSchema, firstIssue } from './definition-schema.ts';
import type { DefinitionSet, StreamDefinition } from './definition-set.ts';
import { featureSetOf } from './feature-set.ts';
import { readJson } from './read-json.ts';
import { kindOf } from './stream-events.ts';

/**
 * Reads a canonical set of definitions and checks all of it: shape, names, expressions, feature sets.
 *
 * @throws MillraceError DEFINITION_INVALID with the place and the reason; nothing is half taken
 */
export function parseDefinitions(json: string): DefinitionSet {
  const result = definitionSetSchema.safeParse(readJson(json));
  if (!result.success) throw definitionError('definitions', firstIssue(result.error));
  const set = result.data;
  for (const stream of set.streams) {
    const by = `stream '${stream.name}'`;
    if (new Set(stream.fields.map(({ name }) => name)).size < stream.fields.length) throw definitionError(by, 'two of its fields have one name');
    if (kindOf(stream, stream.eventTime) !== 'instant') throw definitionError(by, `the event time '${stream.eventTime}' is no instant among its fields`);
    if (stream.id !== undefined && !['whole', 'text', 'instant'].includes(kindOf(stream, stream.id) ?? '')) throw definitionError(by, `its id '${stream.id}' is no whole number, text or instant among its fields`);
    for (const other of stream.after) if (!set.streams.some(({ name }) => name === other)) throw definitionError(by, `there is no stream '${other}' for it to come after`);
  }
  refuseCircles(set.streams);
  const index = new DefinitionIndex(set);
  compilePlan(set, index);
  for (const model of set.models) {
    if (set.models.filter(({ name }) => name === model.name).length > 1) throw definitionError(`model '${model.name}'`, 'it is defined twice');
    if (featureSetOf(model, index, set.timeZoneData) !== model.featureSet) throw definitionError(`model '${model.name}'`, 'its feature set is not the hash of its features', 'make the set by toCanonical');
  }
  return set;
}

/** A stream that comes after itself, at the end, has no place in any order. */
function refuseCircles(streams: readonly StreamDefinition[]): void {
  let waiting = streams;
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const left = waiting.filter(({ after }) => after.some((name) => names.has(name)));
    if (left.length === waiting.length) throw definitionError(`stream '${left[0]!.name}'`, 'it comes after itself, by way of the streams it comes after');
    waiting = left;
  }
}
