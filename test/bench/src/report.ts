import { writeFile } from 'node:fs/promises';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly value: number;
  readonly limit: number;
}

/** Outcome of a bench as it is written to the file of `--report`. */
export interface Report {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Median, smallest and largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[], digits = 1): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number): number => Number(value.toFixed(digits));
  return { median: round(quantile(sorted, 0.5)), least: round(sorted[0] ?? NaN), most: round(sorted.at(-1) ?? NaN) };
}

/** Quantile of sorted values; the median of an even count is the mean of the two in the middle. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below + (above - below) * (place - Math.floor(place));
}

export const atLeast = (name: string, value: number, limit: number): Check => ({ name, ok: value >= limit, value, limit });
export const atMost = (name: string, value: number, limit: number): Check => ({ name, ok: value <= limit, value, limit });

/** @param file where the report goes as JSON, if anywhere */
export async function finish(checks: readonly Check[], figures: Report['figures'], file: string | undefined): Promise<Report> {
  const report: Report = { ok: checks.every(({ ok }) => ok), checks, figures };
  for (const { name, ok, value, limit } of checks) console.log(`${ok ? 'held  ' : 'missed'}  ${name}: ${value} (goal ${limit})`);
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

export const text = ({ median, least, most }: Spread, unit: string): string => `${median} ${unit} (${least} to ${most})`;
