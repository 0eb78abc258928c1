import { callSite } from './call-site.ts';
import { mark, type Defined } from './defined.ts';
import { definitionError } from './definition-error.ts';
import { firstIssue, viewSchema } from './definition-schema.ts';
import { entityOf, type Entity } from './define-entity.ts';
import { streamOf, type AnyStream, type Stream } from './define-stream.ts';
import { milliseconds, type Duration } from './duration.ts';
import type { Feature } from './feature.ts';
import type { Fields } from './field.ts';
import type { WindowFeature } from './window-feature.ts';

export interface ViewOptions<N extends string, F extends Fields, E extends string, W> {
  /** Stream that feeds it. */
  from: Stream<N, F>;
  /** Whose features it keeps; needs a key on `from` and on each stream that asks. */
  entity: Entity<E> & Entity<NoInfer<N>>;
  /** Times are floored to this before both bounds of a window are applied. */
  resolution: Duration;
  features: (fields: Stream<N, F>) => W;
}

/**
 * Declares aggregates over windows of event time, kept by entity.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 * @example defineFeatureView('traffic', { from: departures, entity: origin, resolution: '1m', features: () => ({ departures60m: count().before('60m') }) })
 */
export function defineFeatureView<const N extends string, const F extends Fields, E extends string, const W extends Readonly<Record<string, WindowFeature<N>>>>(
  name: string,
  options: ViewOptions<N, F, E, W>,
): { readonly [K in keyof W]: Feature<E> } {
  const at = callSite(defineFeatureView);
  const from = streamOf(options.from as AnyStream, at);
  const entity = entityOf(options.entity, at);
  const resolutionMs = milliseconds(options.resolution, at);
  const streamName = from.definition.name;
  if (!(streamName in entity.definition.keys)) throw definitionError(at, `view '${name}': entity '${entity.definition.name}' has no key on ${streamName}`);
  const windows = Object.entries(options.features(options.from));
  for (const [feature, { of, lengthMs }] of windows) {
    if (of?.streams && !of.streams.includes(streamName)) throw definitionError(at, `view '${name}': feature '${feature}' uses fields of ${of.streams.join(', ')}, not of ${streamName}`);
    if (lengthMs % resolutionMs !== 0) throw definitionError(at, `view '${name}': the window of '${feature}' is no multiple of the resolution ${options.resolution}`);
  }
  const result = viewSchema.safeParse({
    name,
    from: streamName,
    entity: entity.definition.name,
    resolutionMs,
    features: windows
      .map(([feature, { aggregate, of, window, lengthMs }]) => ({ name: feature, aggregate, of: of?.source, window, lengthMs }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  });
  if (!result.success) throw definitionError(at, `view '${name}': ${firstIssue(result.error)}`);
  const owner: Defined = { kind: 'view', definition: result.data, at, needs: [from, entity] };
  const made = Object.fromEntries(windows.map(([feature]) => [feature, Object.freeze({ name: feature, kind: 'real', owner })]));
  return mark(made, owner) as { readonly [K in keyof W]: Feature<E> };
}
