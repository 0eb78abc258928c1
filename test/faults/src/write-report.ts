import { writeFileSync } from 'node:fs';
import type { RunResult } from './run.ts';
import { quantile, sumsByKind } from './table.ts';

/** The report that every measuring command writes: `{ ok, checks, figures }`. */
export function writeReport(file: string, results: readonly RunResult[]): void {
  const violated = results.filter(({ ok }) => !ok);
  const checks = [{ name: 'violated runs', ok: violated.length === 0, value: violated.length, limit: 0 }];
  const withdrawals = results.flatMap((result) => result.withdrawals);
  const figures = { kinds: Object.fromEntries(sumsByKind(results)), withdrawals: { count: withdrawals.length, p50Ms: quantile(withdrawals, 0.5), p99Ms: quantile(withdrawals, 0.99) }, violations: violated.map(({ run, name, violations }) => ({ run, name, violations })) };
  writeFileSync(file, `${JSON.stringify({ ok: results.length > 0 && checks.every(({ ok }) => ok), checks, figures }, null, 2)}\n`);
}
