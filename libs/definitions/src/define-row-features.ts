import { callSite } from './call-site.ts';
import { mark, type Defined } from './defined.ts';
import { definitionError } from './definition-error.ts';
import { firstIssue, rowFeaturesSchema } from './definition-schema.ts';
import { streamOf, type AnyStream, type Stream } from './define-stream.ts';
import type { Expression } from './expression.ts';
import type { Feature } from './feature.ts';
import type { Fields } from './field.ts';

declare const valid: unique symbol;

/** A feature of the event alone. */
export interface RowFeature<S extends string = never> {
  readonly value: Expression;
  readonly [valid]?: (stream: S) => void;
}

/** A feature that is a field or an expression of the event. */
export function row<S extends string>(value: Expression<S, number | string | boolean>): RowFeature<S> {
  return { value: value as Expression } as RowFeature<S>;
}

/**
 * Declares features of a stream's events that need no memory. A stream has at most one such set.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 * @example defineRowFeatures(departures, (d) => ({ distance: row(d.distance) }))
 */
export function defineRowFeatures<const N extends string, const F extends Fields, const R extends Readonly<Record<string, RowFeature<N>>>>(
  stream: Stream<N, F>,
  features: (fields: Stream<N, F>) => R,
): { readonly [K in keyof R]: Feature<N> } {
  const at = callSite(defineRowFeatures);
  const needed = streamOf(stream as AnyStream, at);
  const streamName = needed.definition.name;
  const rows = Object.entries(features(stream));
  for (const [name, { value }] of rows) {
    if (value?.kind === undefined) throw definitionError(at, `row feature '${name}' has no field or expression`);
    if (value.kind === 'instant') throw definitionError(at, `row feature '${name}' is an instant, which is no feature`, 'use hourOfDay, dayOfWeek or a difference');
    if (value.streams && !value.streams.includes(streamName)) throw definitionError(at, `row feature '${name}' uses fields of ${value.streams.join(', ')}, not of ${streamName}`);
  }
  const result = rowFeaturesSchema.safeParse({
    stream: streamName,
    features: rows.map(([name, { value }]) => ({ name, value: value.source })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  });
  if (!result.success) throw definitionError(at, `row features of '${streamName}': ${firstIssue(result.error)}`);
  const owner: Defined = { kind: 'row features', definition: result.data, at, needs: [needed] };
  const made = Object.fromEntries(rows.map(([name, { value }]) => [name, Object.freeze({ name, kind: value.kind, owner })]));
  return mark(made, owner) as { readonly [K in keyof R]: Feature<N> };
}
