import { points } from '@millrace/fail-points';
import type { RunResult } from './run.ts';
import type { Skipped } from './write-report.ts';

const columns = ['runs', 'violated', 'faults', 'accepted', 'poison', 'predictions', 'versions', 'completed', 'aborted', 'unasked', 'seconds'] as const;
type Row = Record<(typeof columns)[number], number>;

/** Sums by kind of fault. */
export function sumsByKind(results: readonly RunResult[]): Map<string, Row> {
  const sums = new Map<string, Row>();
  for (const result of [...results].sort((a, b) => a.name.localeCompare(b.name))) {
    for (const name of [result.name, 'all']) {
      const row = sums.get(name) ?? { runs: 0, violated: 0, faults: 0, accepted: 0, poison: 0, predictions: 0, versions: 0, completed: 0, aborted: 0, unasked: 0, seconds: 0 };
      row.runs++;
      row.violated += result.ok ? 0 : 1;
      for (const column of columns) if (column !== 'runs' && column !== 'violated') row[column] += result[column];
      sums.set(name, row);
    }
  }
  const all = sums.get('all');
  sums.delete('all');
  if (all) sums.set('all', all);
  return sums;
}

/** A table per kind of fault, for people; kinds that were skipped stand in it. */
export function tableOf(results: readonly RunResult[], skipped: readonly Skipped[] = []): string {
  const none = [...new Set(skipped.map(({ name }) => name))].map((name) => [name, 'skipped', ...columns.slice(1).map(() => '-')]);
  const rows = [['kind', ...columns], ...[...sumsByKind(results)].map(([name, row]) => [name, ...columns.map((column) => String(row[column]))]), ...none];
  const widths = rows[0]!.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)));
  return rows.map((row) => row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ')).join('\n');
}

/** How often each fail point acted; 0 = in no run. */
export function pointHits(results: readonly RunResult[]): Record<string, number> {
  return Object.fromEntries(Object.keys(points).map((point) => [point, results.reduce((sum, result) => sum + (result.points[point] ?? 0), 0)]));
}
