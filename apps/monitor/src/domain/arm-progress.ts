import { ArmObserved, type ArmCounts, type WindowSummarised } from '@millrace/contracts';
import type { FindingsState } from './findings.ts';
import { armsOf } from './seen.ts';

/** What is new about the arms of the newest route: while a canary answers, and once for every other route. */
export function armsToSay({ seen, said }: FindingsState, model: string): ArmObserved[] {
  const arms = newestArms(armsOf(seen, model), model);
  const known = said.arms.get(model);
  const isRollout = arms.some(({ role }) => role === 'CANARY');
  return arms.filter((arm) => {
    const before = known?.get(arm.role);
    if (before?.epoch !== arm.epoch) return true;
    return isRollout && JSON.stringify(before.slots) !== JSON.stringify(arm.slots);
  });
}

/**
 * Whether the outcomes in the smaller arm have just become enough for a verdict: that is said at once, all else once per second.
 */
export function isEnoughNow(state: FindingsState, model: string): boolean {
  const minimum = state.seen.declared.get(model)?.definition.rollout.minimum;
  const arms = newestArms(armsOf(state.seen, model), model);
  if (minimum === undefined || !arms.some(({ role }) => role === 'CANARY')) return false;
  const known = state.said.arms.get(model);
  const before = arms.map(({ role, epoch }) => (known?.get(role)?.epoch === epoch ? outcomesOf(known.get(role)!.slots) : 0));
  return Math.min(...before) < minimum && Math.min(...arms.map(({ slots }) => outcomesOf(slots))) >= minimum;
}

function newestArms(arms: readonly WindowSummarised[], model: string): ArmObserved[] {
  const epoch = Math.max(...arms.map(({ arm }) => arm!.epoch));
  const byRole = Map.groupBy(arms.filter(({ arm }) => arm!.epoch === epoch), ({ role }) => role!);
  return [...byRole].map(([role, slots]) => {
    const { arm, version } = slots[0]!;
    return new ArmObserved({ model, rolloutId: arm!.rolloutId, epoch, role, version: version!, slots: slots.map(countsOf).sort((a, b) => a.slot - b.slot) });
  });
}

function countsOf({ slot, arm }: WindowSummarised): ArmCounts {
  const { ok, fallback, failed, latencyMsSum } = arm!;
  return { slot, ok, fallback, failed, latencyMsSum };
}

const outcomesOf = (slots: readonly ArmCounts[]): number => slots.reduce((sum, { ok, fallback, failed }) => sum + ok + fallback + failed, 0);
