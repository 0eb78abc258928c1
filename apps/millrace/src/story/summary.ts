import pc from 'picocolors';
import { ModelVersionRegistered, RouteChanged } from '@millrace/contracts';
import type { Judgement } from '../report/all-checks.ts';
import type { Evidence } from '../report/evidence.ts';
import type { RunFigures } from '../report/figures.ts';
import { dailyMean } from '../report/checks/quality.check.ts';
import { counted, figure, minuteText } from '../terminal/figures.ts';
import { table } from '../terminal/table.ts';

const bold = (row: readonly string[]): string[] => row.map((cell) => pc.bold(cell));

/** What the story came to, for people: counts, versions, routes, checks, time and memory. */
export function summaryLines(evidence: Evidence, { checks, leftOut, ok }: Judgement, { seconds, peakMemory, restarts }: RunFigures): string[] {
  return [
    '',
    ...countLines(evidence),
    '',
    ...versionLines(evidence),
    '',
    ...checkLines(checks),
    ...leftOutLines(leftOut),
    '',
    `seconds   ${Object.entries(seconds).map(([phase, value]) => `${phase} ${value.toFixed(1)}`).join(', ')}`,
    `memory    ${Object.entries(peakMemory).map(([name, bytes]) => `${name} ${Math.round(bytes / 1e6)} MB`).join(', ')}`,
    ...(Object.values(restarts).some((count) => count > 0) ? [`restarts  ${Object.entries(restarts).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`).join(', ')}`] : []),
    '',
    ok ? pc.green('every check held') : pc.red(`${checks.filter((check) => !check.ok).length} of ${checks.length} checks failed`),
  ];
}

function countLines({ history: { totals }, latency, rejected }: Evidence): string[] {
  const refused = [...rejected.values()].reduce((sum, count) => sum + count, 0);
  return [
    `events ${counted(totals.posted + totals.outcomePosted)}, vectors ${counted(totals.vectors)}, predictions ${counted(totals.predictions)}, labels ${counted(totals.labels)}${refused ? `, rejected ${counted(refused)}` : ''}`,
    latency.count === 0 ? 'no version answered yet' : `event to prediction: p50 ${latency.quantile(0.5)} ms, p99 ${latency.quantile(0.99)} ms`,
  ];
}

function versionLines({ control, model, quality }: Evidence): string[] {
  const head = ['version', 'trained to', 'rows', 'holdout AUC', 'log loss', '8-14 Jan AUC', 'log loss', 'share by route epoch', 'bundle'];
  const routes = control.all(RouteChanged, model).map(({ event }) => event);
  const rows = control.all(ModelVersionRegistered, model).map(({ event: { version, bundle, trained } }) => {
    const weights = routes.flatMap(({ epoch, arms }) => arms.filter((arm) => arm.version === version).map(({ weight }) => `${epoch}:${weight} %`));
    const days = quality.get(version);
    return [String(version), minuteText(trained.dataset.to), counted(trained.dataset.rows), figure(trained.candidate.auc), figure(trained.candidate.logLoss), figure(dailyMean(days, 'auc')), figure(dailyMean(days, 'logLoss')), weights.join(' '), bundle.slice(0, 8)];
  });
  return rows.length === 0 ? ['no version was trained'] : table([bold(head), ...rows], [0, 2, 3, 4, 5, 6]);
}

function checkLines(checks: Judgement['checks']): string[] {
  return table([
    bold(['', 'check', 'value', 'limit', '']),
    ...checks.map(({ ok, name, value, limit, detail }) => [ok ? pc.green('✓') : pc.red('✗'), name, shown(value), shown(limit), detail && (!ok || detail.length < 60) ? pc.dim(detail) : '']),
  ]);
}

/** Checks that say nothing about this run, by the reason. */
function leftOutLines(leftOut: Judgement['leftOut']): string[] {
  const reasons = [...new Set(leftOut.map(({ why }) => why))];
  return reasons.map((reason) => pc.dim(`– left out, as ${reason}: ${leftOut.filter(({ why }) => why === reason).map(({ name }) => name).join(', ')}`));
}

function shown(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? counted(value) : figure(value);
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([name, each]) => `${name} ${shown(each)}`).join(', ');
  return String(value);
}
