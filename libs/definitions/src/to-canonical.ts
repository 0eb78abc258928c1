import { compilePlan } from './compile-plan.ts';
import { definitionError } from './definition-error.ts';
import { DefinitionIndex } from './definition-index.ts';
import type { DefinitionSet } from './definition-set.ts';
import { definedOf, type Defined } from './defined.ts';
import { featureSetOf } from './feature-set.ts';

export interface CanonicalDefinitions {
  /** Canonical JSON of a DefinitionSet. */
  readonly json: string;
  /** SHA-256 of `json`, hex. */
  readonly hash: string;
}

/**
 * Collects the definitions that a module exports, and those they need, into one canonical set.
 *
 * @param exports namespace of the module, or several of them merged
 * @param timeZoneData version of the time zone database, `process.versions.tz`
 * @throws MillraceError DEFINITION_INVALID with file, line and reason, e.g. when two definitions have one name
 * @example toCanonical(await import('./definitions.ts'), process.versions.tz)
 */
export function toCanonical(exports: Readonly<Record<string, unknown>>, timeZoneData: string): CanonicalDefinitions {
  const all = new Map<string, Defined>();
  const collect = (defined: Defined): void => {
    const name = defined.kind === 'row features' ? defined.definition.stream : defined.definition.name;
    const known = all.get(`${defined.kind} ${name}`);
    if (known === defined) return;
    if (known) throw definitionError(defined.at, `${defined.kind} '${name}' is defined a second time`, `the first stands at ${known.at}`);
    all.set(`${defined.kind} ${name}`, defined);
    defined.needs.forEach(collect);
  };
  for (const value of Object.values(exports)) {
    const defined = definedOf(value);
    if (defined) collect(defined);
  }
  if (all.size === 0) throw definitionError('definitions', 'the module exports no definition', 'export what the define… functions return');
  const sorted = [...all.keys()].sort().map((key) => all.get(key)!);
  const parts = {
    streams: sorted.flatMap((each) => (each.kind === 'stream' ? [each.definition] : [])),
    entities: sorted.flatMap((each) => (each.kind === 'entity' ? [each.definition] : [])),
    rowFeatures: sorted.flatMap((each) => (each.kind === 'row features' ? [each.definition] : [])),
    views: sorted.flatMap((each) => (each.kind === 'view' ? [each.definition] : [])),
  };
  const index = new DefinitionIndex(parts);
  const models = sorted.flatMap((each) => (each.kind === 'model' ? [{ ...each.definition, featureSet: featureSetOf(each.definition, index, timeZoneData) }] : []));
  const set: DefinitionSet = { version: 1, timeZoneData, ...parts, models };
  const plan = compilePlan(set);
  return { json: plan.definitions, hash: plan.hash };
}
