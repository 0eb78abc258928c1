import { callSite } from './call-site.ts';
import { mark, definedOf, type Defined } from './defined.ts';
import { definitionError } from './definition-error.ts';
import { entitySchema, firstIssue } from './definition-schema.ts';
import { streamOf, type AnyStream } from './define-stream.ts';
import { fieldOf, type Expression } from './expression.ts';
import type { Fields, ValueOf } from './field.ts';

declare const keyed: unique symbol;

/** Something that features are kept for; it has a key on each of the streams S. */
export interface Entity<S extends string> {
  readonly [keyed]?: (stream: S) => void;
}

type NamesOf<T extends readonly AnyStream[]> = T[number] extends AnyStream<infer N> ? N : never;
type FieldsOf<T extends readonly AnyStream[]> = T[number] extends AnyStream<string, infer F> ? F : never;
/** The fields that all streams have. */
export type Shared<T extends readonly AnyStream[]> = { readonly [K in keyof FieldsOf<T>]: Expression<NamesOf<T>, FieldsOf<T> extends Fields ? ValueOf<FieldsOf<T>[K]> : never> };

/**
 * Declares an entity by its key on every stream that feeds its views or asks them.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 * @example defineEntity('route', [departures, arrivals], (f) => cel`${f.origin} + ">" + ${f.destination}`)
 */
export function defineEntity<const T extends readonly AnyStream[]>(name: string, streams: T, key: (fields: Shared<T>) => Expression<NamesOf<T>, string | number>): Entity<NamesOf<T>> {
  const at = callSite(defineEntity);
  const needs = streams.map((stream) => streamOf(stream, at));
  if (needs.length === 0) throw definitionError(at, `entity '${name}' has no stream`);
  const names = needs.map(({ definition }) => definition.name);
  const [first, ...others] = needs.map(({ definition }) => new Map(definition.fields.map((field) => [field.name, field.kind])));
  const shared = [...first!].filter(([field, kind]) => others.every((fields) => fields.get(field) === kind));
  const expression = key(Object.fromEntries(shared.map(([field, kind]) => [field, fieldOf(names, field, kind)])) as Shared<T>);
  if (!expression) throw definitionError(at, `entity '${name}': its key is not a field that all of ${names.join(', ')} have with the same type`);
  const missing = names.filter((stream) => expression.streams && !expression.streams.includes(stream));
  if (missing.length > 0) throw definitionError(at, `entity '${name}' has no key on ${missing.join(', ')}`);
  if (expression.kind !== 'text' && expression.kind !== 'whole') throw definitionError(at, `entity '${name}': its key is neither text nor a whole number, in: ${expression.source}`);
  const result = entitySchema.safeParse({ name, keys: Object.fromEntries(names.map((stream) => [stream, expression.source])) });
  if (!result.success) throw definitionError(at, `entity '${name}': ${firstIssue(result.error)}`);
  return mark({}, { kind: 'entity', definition: result.data, at, needs }) as Entity<NamesOf<T>>;
}

/** What an entity was defined as. */
export function entityOf(entity: Entity<never>, at: string): Defined & { kind: 'entity' } {
  const defined = definedOf(entity);
  if (defined?.kind !== 'entity') throw definitionError(at, 'an entity is expected here, as defineEntity returns it');
  return defined;
}
