import type { WindowSummarised } from '@millrace/contracts';
import type { Metric, ModelDefinition, TriggerDefinition } from '@millrace/definitions';
import type { Evaluations } from './evaluations.ts';
import { figuresOf, type Figures } from './figures.ts';
import { summariesBetween, type Champion, type Seen } from './seen.ts';
import { windowMs } from './window-cell.ts';

/** A window in which fewer of the labelled events are the champion's says too little about it. */
const shareOfChampion = 0.9;

export interface Violation {
  readonly trigger: 'worse' | 'miscalibrated';
  /** Start of what was looked at, ms since epoch. */
  readonly since: number;
  /** With the figures. */
  readonly sentence: string;
}

type WindowTrigger = Exclude<TriggerDefinition, { kind: 'labels' }>;

/** Triggers that the champion violates in the windows up to `windowEnd`; each looks back over whole UTC days. */
export function violationsOf(seen: Seen, definition: ModelDefinition, champion: Champion, windowEnd: number, evaluations: Evaluations): Violation[] {
  return definition.retrain.when.flatMap((trigger): Violation[] => {
    if (trigger.kind === 'labels') return [];
    const since = windowEnd - Math.ceil(trigger.overMs / windowMs) * windowMs;
    const summaries = summariesBetween(seen, definition.name, since, windowEnd);
    const own = summaries.filter(({ version }) => version === champion.version);
    const figures = figuresOf(own);
    if (figures.labelled === 0 || figures.labelled < shareOfChampion * labelsIn(summaries)) return [];
    const found = judge(trigger, figures, () => evaluations.of(champion.bundle)[trigger.kind === 'worse' ? trigger.metric : 'auc']);
    return found === undefined ? [] : [{ trigger: trigger.kind, since, sentence: `${spanOf(since, windowEnd)}: ${found}, over ${figures.labelled} labelled predictions of version ${champion.version}` }];
  });
}

function judge(trigger: WindowTrigger, figures: Figures, atRelease: () => number): string | undefined {
  if (trigger.kind === 'miscalibrated') {
    const gap = figures.meanPrediction - figures.rate;
    if (!(Math.abs(gap) > trigger.by)) return undefined;
    return `mean prediction ${show(figures.meanPrediction)} against a rate of ${show(figures.rate)}, off by ${show(gap)} where ${trigger.by} is allowed`;
  }
  const released = atRelease();
  const limit = limitOf(trigger.metric, released, trigger.by);
  const value = figures[trigger.metric];
  const isWorse = trigger.metric === 'logLoss' ? value > limit : value < limit;
  return isWorse ? `${nameOf(trigger.metric)} ${show(value)} is worse than ${show(limit)}, which is ${show(released)} at release with ${trigger.by * 100} % allowed` : undefined;
}

const limitOf = (metric: Metric, released: number, by: number): number => released * (metric === 'logLoss' ? 1 + by : 1 - by);
const nameOf = (metric: Metric): string => ({ auc: 'AUC', logLoss: 'log loss', accuracy: 'accuracy' })[metric];
const labelsIn = (summaries: readonly WindowSummarised[]): number => summaries.reduce((sum, { labelled }) => sum + labelled, 0);
const show = (value: number): string => value.toFixed(4);
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const spanOf = (from: number, to: number): string => (to - from > windowMs ? `${dayOf(from)} to ${dayOf(to - windowMs)}` : dayOf(from));
