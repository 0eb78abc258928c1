import { writeFileSync } from 'node:fs';
import { quantile } from './overload/figures.ts';
import type { RunResult } from './run.ts';
import { pointHits, sumsByKind } from './table.ts';

/** How long a withdrawn version may still predict, p99 over all withdrawals. */
const withdrawnWithinMs = 5000;

/** A run that this machine cannot do. */
export interface Skipped {
  readonly run: number;
  readonly name: string;
  readonly reason: string;
}

/** The report that every measuring command writes: `{ ok, checks, figures }`. */
export function writeReport(file: string, results: readonly RunResult[], skipped: readonly Skipped[]): boolean {
  const violated = results.filter(({ ok }) => !ok);
  const withdrawals = results.flatMap((result) => result.withdrawals);
  const p99Ms = withdrawals.length === 0 ? 0 : quantile(withdrawals, 0.99);
  const idle = [...new Set(results.flatMap((result) => result.idle))].filter((name) => results.every((result) => !result.name.split('+').includes(name) || result.idle.includes(name)));
  const checks = [
    { name: 'kinds that broke nothing', ok: idle.length === 0, value: idle.length, limit: 0 },
    { name: 'runs', ok: results.length > 0, value: results.length, limit: 1 },
    { name: 'violated runs', ok: violated.length === 0, value: violated.length, limit: 0 },
    { name: 'withdrawn versions predict, p99 ms', ok: p99Ms <= withdrawnWithinMs, value: p99Ms, limit: withdrawnWithinMs },
  ];
  const ok = checks.every((check) => check.ok);
  const figures = {
    kinds: Object.fromEntries(sumsByKind(results)), skipped, points: pointHits(results), withdrawals: { count: withdrawals.length, p50Ms: withdrawals.length === 0 ? 0 : quantile(withdrawals, 0.5), p99Ms },
    idle, violations: violated.map(({ run, name, violations }) => ({ run, name, violations })),
  };
  if (file) writeFileSync(file, `${JSON.stringify({ ok, checks, figures }, null, 2)}\n`);
  return ok;
}
