import type { Check, CheckRule } from './check.ts';
import { canarySteps } from './checks/canary-steps.check.ts';
import { doubled } from './checks/doubled.check.ts';
import { episodes } from './checks/episodes.check.ts';
import { epochsGrow } from './checks/epochs.check.ts';
import { goldenVectors } from './checks/golden-vectors.check.ts';
import { latency } from './checks/latency.check.ts';
import { lost } from './checks/lost.check.ts';
import { asReference, isBetter } from './checks/quality.check.ts';
import { unasked } from './checks/unasked.check.ts';
import { versions } from './checks/versions.check.ts';
import type { Evidence, StoryOptions } from './evidence.ts';

/** In the order in which people read them. */
export const allChecks: readonly CheckRule[] = [
  lost, doubled, unasked, goldenVectors, versions, episodes, canarySteps, asReference(1, 'auc'), asReference(1, 'logLoss'), asReference(2, 'auc'), asReference(2, 'logLoss'), isBetter, epochsGrow, latency,
];

export interface Judgement {
  /** Whether every check that was made held. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/** Makes the checks that say something about a run. */
export function judge(evidence: Evidence, story: StoryOptions, rules: readonly CheckRule[] = allChecks): Judgement {
  const checks: Check[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const rule of rules) {
    const why = rule.leftOut(story);
    if (why === undefined) checks.push({ name: rule.name, ...rule.judge(evidence) });
    else leftOut.push({ name: rule.name, why });
  }
  return { ok: checks.every(({ ok }) => ok), checks, leftOut };
}
