import { callSite } from './call-site.ts';
import type { Metric, TriggerDefinition } from './definition-set.ts';
import { milliseconds, type Duration } from './duration.ts';

/** What asks for a new version. */
export const when = {
  /** So many labels, once, while no version was ever routed. */
  labels: (count: number): TriggerDefinition => ({ kind: 'labels', count }),
  /** The metric is worse than at release by this share, over a window of event time. */
  worse: (metric: Metric, { by, over }: { by: number; over: Duration }): TriggerDefinition => ({ kind: 'worse', metric, by, overMs: milliseconds(over, callSite(when.worse)) }),
  /** Mean prediction and rate differ by more than this, over a window of event time. */
  miscalibrated: ({ by, over }: { by: number; over: Duration }): TriggerDefinition => ({ kind: 'miscalibrated', by, overMs: milliseconds(over, callSite(when.miscalibrated)) }),
};
