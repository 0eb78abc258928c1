import { ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, RetrainRequested, RolloutCompleted, RouteChanged } from '@millrace/contracts';
import { dayText } from '../terminal/figures.ts';
import { dailyMean } from './checks/quality.check.ts';
import type { Evidence } from './evidence.ts';

export interface RunFigures {
  /** Wall time by phase, seconds. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Bytes by process. */
  readonly peakMemory: Readonly<Record<string, number>>;
  /** Restarts by service. */
  readonly restarts: Readonly<Record<string, number>>;
}

/** Figures of a run for the report: nothing here is judged. */
export function figuresOf(evidence: Evidence, { seconds, peakMemory, restarts }: RunFigures): Record<string, unknown> {
  const { control, model, history, latency, quality, rejected, golden } = evidence;
  const registered = control.all(ModelVersionRegistered, model).map(({ event }) => event);
  const posting = seconds['posting'];
  const perSecond = (count: number): number | null => (posting ? Math.round(count / posting) : null);
  const { totals } = history;
  return {
    counts: { ...totals, events: totals.posted + totals.outcomePosted, rejected: Object.fromEntries(rejected), goldenRowsCompared: golden.rows },
    ratesPerSecond: { events: perSecond(totals.posted + totals.outcomePosted), vectors: perSecond(totals.vectors), predictions: perSecond(totals.predictions), labels: perSecond(totals.labels) },
    latencyMs: { p50: latency.quantile(0.5), p95: latency.quantile(0.95), p99: latency.quantile(0.99), max: latency.quantile(1) },
    requests: control.all(RetrainRequested, model).map(({ event: { trigger, evidence: why, episode, newLabels }, at }) => ({ at, trigger, evidence: why, episode, newLabels })),
    versions: registered.map(({ version, bundle, trained: { modelHash, dataset, candidate, champion, seconds: took } }) => ({
      version, bundle, modelHash, datasetHash: dataset.hash, rows: dataset.rows, holdoutRows: dataset.holdoutRows, to: dataset.to, candidate, champion, seconds: took,
    })),
    verdicts: [...control.all(ModelVersionApproved, model), ...control.all(ModelVersionRejected, model)].map(({ event }) => ({ version: event.version, approved: event instanceof ModelVersionApproved, verdicts: event.verdicts })),
    routes: control.all(RouteChanged, model).map(({ event: { epoch, arms, reason, withdrawn }, at }) => ({ at, epoch, arms: arms.map(({ role, version, weight }) => ({ role, version, weight })), withdrawn, reason })),
    completed: control.all(RolloutCompleted, model).map(({ event, at }) => ({ at, version: event.version })),
    judged: [...quality].map(([version, days]) => ({ version, auc: dailyMean(days, 'auc'), logLoss: dailyMean(days, 'logLoss'), days: days.map(({ dayMs, ...figures }) => ({ day: dayText(dayMs), ...figures })) })),
    served: control.performance(model).map(({ version, role, windowStart, predictions, labelled, auc, logLoss, meanPrediction, rate, violations }) => ({ version, role, day: dayText(windowStart), predictions, labelled, auc, logLoss, meanPrediction, rate, violations })),
    seconds, peakMemory, restarts,
  };
}
