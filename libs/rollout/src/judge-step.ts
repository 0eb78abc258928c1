/** What an arm answered since the step's route took effect, over all slots. */
export interface ArmOutcomes {
  /** scored by the routed version. */
  readonly ok: number;
  /** scored by the previous version because the routed one could not. */
  readonly fallback: number;
  /** without score. */
  readonly failed: number;
}

export interface StepEvidence {
  /** Share of the candidate in this step, per cent. */
  readonly weight: number;
  readonly canary: ArmOutcomes;
  /** Counts of the champion in this step; not looked at when the weight is 100. */
  readonly champion: ArmOutcomes;
  /** FAILED share of the champion in the last step that it took part in, [0, 1]; what the candidate is compared with at 100 %. */
  readonly championFailedShare: number;
  /** Outcomes that the smaller arm needs. */
  readonly minimum: number;
  /** Time since all slots adopted the step, milliseconds. */
  readonly elapsedMs: number;
  readonly maximumWaitMs: number;
}

export type StepVerdict = 'wait' | 'advance' | { readonly abort: string };

/** The FAILED share of the candidate may exceed the champion's by one percentage point. */
const allowance = 0.01;

/**
 * Judges one step of a rollout: waits until the smaller arm has enough outcomes, then compares the shares of FAILED. No data means
 * not healthy: what is not judged within the maximum wait is rolled back. A fallback counts as FAILED of the candidate, since it is
 * the previous version that answered.
 *
 * @throws nothing; times and counts are taken as they are
 * @example
 * judgeStep({ weight: 5, canary: { ok: 500, fallback: 0, failed: 0 }, champion: { ok: 9_500, fallback: 0, failed: 0 },
 *   championFailedShare: 0, minimum: 500, elapsedMs: 3_000, maximumWaitMs: 600_000 }) // 'advance'
 */
export function judgeStep(evidence: StepEvidence): StepVerdict {
  const { weight, canary, champion, minimum, elapsedMs, maximumWaitMs } = evidence;
  const alone = weight >= 100;
  const smaller = alone ? outcomes(canary) : Math.min(outcomes(canary), outcomes(champion));
  if (smaller < minimum) {
    if (elapsedMs < maximumWaitMs) return 'wait';
    return { abort: `at ${weight} % only ${smaller} of ${minimum} outcomes within ${maximumWaitMs / 1000} s` };
  }
  const allowed = (alone ? evidence.championFailedShare : failedShare(champion)) + allowance;
  const share = failedShare(canary);
  // Counts are whole, so a share on the limit is meant to pass; float64 must not decide that.
  if (share > allowed + 1e-12) return { abort: `at ${weight} % the candidate failed on ${percent(share)} of ${outcomes(canary)} events, allowed are ${percent(allowed)}` };
  return 'advance';
}

/** Share of events that the arm did not answer itself, [0, 1]; 0 without outcomes. */
export function failedShare(arm: ArmOutcomes): number {
  const all = outcomes(arm);
  return all === 0 ? 0 : (arm.failed + arm.fallback) / all;
}

function outcomes({ ok, fallback, failed }: ArmOutcomes): number {
  return ok + fallback + failed;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
