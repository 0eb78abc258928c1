import type { GateDefinition, Metric } from './definition-set.ts';

/** What a new version must show on the holdout before it may be routed. */
export const gate = {
  atLeast: (metric: Metric, limit: number): GateDefinition => ({ kind: 'at-least', metric, limit }),
  /** On the same rows; log loss is better when smaller. */
  betterThanChampion: (metric: Metric): GateDefinition => ({ kind: 'better-than-champion', metric }),
  /** The serving runtime gives the bundle's golden answers. */
  answersInRuntime: (): GateDefinition => ({ kind: 'answers-in-runtime' }),
};
