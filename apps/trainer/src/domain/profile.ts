import { meanOf } from '@millrace/statistics';
import { quantiles } from './quantiles.ts';
import type { Table } from './table.ts';

const shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

/** One column as training saw it; figures of no values are null. */
export interface ColumnProfile {
  readonly name: string;
  /** Share of rows without a value. */
  readonly missing: number;
  readonly mean: number | null;
  /** Of the population. */
  readonly standardDeviation: number | null;
  readonly quantiles: Readonly<Record<string, number | null>>;
}

/** What live data are compared with: the columns of the training rows and the scores of the holdout. */
export interface Profile {
  readonly rows: number;
  readonly features: readonly ColumnProfile[];
  readonly score: ColumnProfile;
}

export function profileOf(names: readonly string[], training: Table, scores: Float32Array): Profile {
  const { rows, width, features } = training;
  return {
    rows,
    features: names.map((name, column) => columnProfile(name, Float64Array.from({ length: rows }, (_, row) => features[row * width + column]!))),
    score: columnProfile('score', Float64Array.from(scores)),
  };
}

function columnProfile(name: string, column: Float64Array): ColumnProfile {
  const values = column.filter(Number.isFinite);
  const mean = meanOf(values);
  const deviation = Math.sqrt(meanOf(values.map((value) => (value - mean) * (value - mean))));
  const found = quantiles(values, shares);
  return {
    name, missing: (column.length - values.length) / column.length, mean: orNull(mean), standardDeviation: orNull(deviation),
    quantiles: Object.fromEntries(shares.map((share, n) => [String(share), orNull(found[n]!)])),
  };
}

// JSON has no NaN.
const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
