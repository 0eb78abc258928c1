import { callSite } from './call-site.ts';
import { mark, definedOf, type Defined } from './defined.ts';
import { definitionError } from './definition-error.ts';
import { firstIssue, streamSchema } from './definition-schema.ts';
import { fieldOf, type Expression } from './expression.ts';
import type { Field, Fields, ValueOf } from './field.ts';

declare const shape: unique symbol;

/** A stream, whatever its fields. */
export interface AnyStream<N extends string = string, F extends Fields = Fields> {
  readonly [shape]?: { readonly name: N; readonly fields: F };
}

/** A stream: its fields as references for expressions. */
export type Stream<N extends string, F extends Fields> = AnyStream<N, F> & { readonly [K in keyof F]: Expression<N, ValueOf<F[K]>> };

/** Names of the fields of some kinds. */
export type KeysOf<F extends Fields, K extends Field['kind']> = { [P in keyof F]: F[P]['kind'] extends K ? P : never }[keyof F] & string;

export interface StreamOptions<F extends Fields> {
  /** In the order of the Avro schema. */
  fields: F;
  /** Field that identifies an event. A stream that models predict must have one. */
  id?: KeysOf<F, 'whole' | 'text' | 'instant'>;
  /** Field with the time of the event. */
  eventTime: KeysOf<F, 'instant'>;
  /** Streams whose events are known to this one's where both were accepted at the same time. */
  after?: readonly AnyStream[];
}

/**
 * Declares a stream of events; producers post it to `events.<name>`.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 * @example defineStream('clicks', { fields: { user: text(), at: instant() }, eventTime: 'at' })
 */
export function defineStream<const N extends string, const F extends Fields>(name: N, options: StreamOptions<F>): Stream<N, F> {
  const at = callSite(defineStream);
  const { fields, id, eventTime, after = [] } = options;
  const needs = after.map((stream) => streamOf(stream, at));
  const result = streamSchema.safeParse({
    name,
    fields: Object.entries(fields).map(([field, declared]) => ({ name: field, ...declared })),
    id,
    eventTime,
    after: needs.map((stream) => stream.definition.name).sort(),
  });
  if (!result.success) throw definitionError(at, `stream '${name}': ${firstIssue(result.error)}`);
  if (fields[eventTime]?.kind !== 'instant') throw definitionError(at, `stream '${name}': the event time '${eventTime}' is no instant among its fields`);
  if (id !== undefined && !fields[id]) throw definitionError(at, `stream '${name}' has no field '${id}' for an id`);
  const references = Object.fromEntries(Object.entries(fields).map(([field, { kind }]) => [field, fieldOf([name], field, kind)]));
  return mark(references, { kind: 'stream', definition: result.data, at, needs }) as Stream<N, F>;
}

/** What a stream was defined as. */
export function streamOf(stream: AnyStream, at: string): Defined & { kind: 'stream' } {
  const defined = definedOf(stream);
  if (defined?.kind !== 'stream') throw definitionError(at, 'a stream is expected here, as defineStream returns it');
  return defined;
}
