import type { CheckRule } from '../check.ts';
import type { DayQuality, Evidence } from '../evidence.ts';
import { judgedTo, outsideOfStory } from '../story-days.ts';

type Metric = 'auc' | 'logLoss';
const dayMs = 86_400_000;
const tolerance = 0.01;

/** Figures of the same models by the reference learner (scikit-learn) on 8 to 14 January. */
const reference: Readonly<Record<number, Readonly<Record<Metric, number>>>> = { 1: { auc: 0.718, logLoss: 0.4519 }, 2: { auc: 0.731, logLoss: 0.4331 } };
const names: Readonly<Record<Metric, string>> = { auc: 'AUC', logLoss: 'log loss' };
/** Arrivals of the last judged day are there one day later at the latest, in a story with days behind it. */
const needed = judgedTo - dayMs;

/** Mean over days, weighted by rows; NaN without rows. */
export function dailyMean(days: readonly DayQuality[] | undefined, metric: Metric): number {
  const rows = (days ?? []).reduce((sum, day) => sum + day.rows, 0);
  return (days ?? []).reduce((sum, day) => sum + (day[metric] * day.rows) / rows, rows === 0 ? NaN : 0);
}

const valueOf = ({ quality }: Evidence, version: number, metric: Metric): number => dailyMean(quality.get(version), metric);

/** A version does on 8 to 14 January as the reference does. */
export function asReference(version: 1 | 2, metric: Metric): CheckRule {
  const limit = reference[version]![metric];
  return {
    name: `${names[metric]} of version ${version} on 8-14 January`,
    leftOut: (story) => outsideOfStory(story, needed),
    judge(evidence) {
      const value = valueOf(evidence, version, metric);
      return { ok: Math.abs(value - limit) <= tolerance, value, limit: `${limit} ± ${tolerance}` };
    },
  };
}

/** Version 2 is the better one on both figures. */
export const isBetter: CheckRule = {
  name: 'version 2 is better on 8-14 January',
  leftOut: (story) => outsideOfStory(story, needed),
  judge(evidence) {
    const auc = valueOf(evidence, 2, 'auc') - valueOf(evidence, 1, 'auc');
    const logLoss = valueOf(evidence, 2, 'logLoss') - valueOf(evidence, 1, 'logLoss');
    return { ok: auc > 0 && logLoss < 0, value: { auc, logLoss }, limit: 'AUC higher, log loss lower' };
  },
};
