import type { Metric } from '@millrace/definitions';

const words: Readonly<Record<Metric, string>> = { auc: 'AUC', logLoss: 'log loss', accuracy: 'accuracy' };

/** The metric in words. */
export const named = (metric: Metric): string => words[metric];

export const isLowerBetter = (metric: Metric): boolean => metric === 'logLoss';

/** A figure as people read it: six digits that count. */
export const figure = (value: number): string => String(Number(value.toPrecision(6)));
