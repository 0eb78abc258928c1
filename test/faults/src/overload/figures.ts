/** What a figure has to be. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly value: number;
  readonly limit: number;
}

export const atMost = (name: string, value: number, limit: number): Check => ({ name, ok: value <= limit, value, limit });
export const atLeast = (name: string, value: number, limit: number): Check => ({ name, ok: value >= limit, value, limit });

/** Quantile of values in any order, by rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** Median, 99th percentile and largest, ms. */
export function spread(values: readonly number[]): { p50: number; p99: number; most: number } {
  return { p50: round(quantile(values, 0.5)), p99: round(quantile(values, 0.99)), most: round(values.reduce((most, value) => Math.max(most, value), 0)) };
}
