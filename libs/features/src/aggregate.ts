import type { MeasureKind } from './measure.ts';

/** The aggregates a feature can ask of a window. */
export type AggregateKind = 'count' | 'sum' | 'mean' | 'share' | 'standardDeviation' | 'min' | 'max' | 'last' | 'timeSinceLast' | 'distinctCount';

/** What an aggregate needs of the tiles, and how it is read off their combination. */
export interface AggregateRules {
  readonly measure: MeasureKind;
  /** What it is computed of; undefined: of the events themselves. */
  readonly of: 'number' | 'condition' | 'text' | undefined;
  /** @param columns combined columns of the measure; @param now start of the tile of the event that asks, ms since epoch */
  read(columns: Float64Array, now: number): number;
}

const orMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

/** An empty window gives 0 for count, sum and distinctCount, NaN (missing) for all others. */
export const aggregates: Readonly<Record<AggregateKind, AggregateRules>> = {
  count: { measure: 'count', of: undefined, read: (c) => c[0]! },
  sum: { measure: 'total', of: 'number', read: (c) => c[1]! },
  mean: { measure: 'total', of: 'number', read: (c) => c[1]! / c[0]! },
  /** Share of the events for which the condition holds. */
  share: { measure: 'total', of: 'condition', read: (c) => c[1]! / c[0]! },
  /** Of a sample (n - 1); missing below two values. */
  standardDeviation: { measure: 'moments', of: 'number', read: (c) => (c[0]! < 2 ? Number.NaN : Math.sqrt(c[2]! / (c[0]! - 1))) },
  min: { measure: 'least', of: 'number', read: (c) => orMissing(c[0]!) },
  max: { measure: 'greatest', of: 'number', read: (c) => orMissing(c[0]!) },
  last: { measure: 'last', of: 'number', read: (c) => c[1]! },
  /** Seconds, between tiles: both times are floored to the resolution. */
  timeSinceLast: { measure: 'recency', of: undefined, read: (c, now) => orMissing((now - c[0]!) / 1000) },
  /** The runtime counts the values themselves. */
  distinctCount: { measure: 'distinct', of: 'text', read: () => 0 },
};
