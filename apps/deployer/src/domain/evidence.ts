import { championOf, failedShare, type ArmOutcomes, type ModelRoutes, type RunningRollout } from '@millrace/rollout';
import type { ArmSeen, Heard } from './heard.ts';

/** Slots, of those that the workspace has, for which the condition holds. */
export function slotsThat(heard: Heard, holds: (slot: number) => boolean): number[] {
  return Array.from({ length: heard.slots }, (_, slot) => slot).filter(holds);
}

export const loadedSlots = (heard: Heard, rolloutId: string): number[] => slotsThat(heard, (slot) => heard.loaded.get(rolloutId)?.has(slot) ?? false);

export const adoptedSlots = (heard: Heard, model: string, epoch: number): number[] => slotsThat(heard, (slot) => (heard.adopted.get(model)?.get(slot) ?? 0) >= epoch);

/** Whether the condition holds on every slot; false before the workspace is known. */
export const onAll = (heard: Heard, slots: readonly number[]): boolean => heard.slots > 0 && slots.length === heard.slots;

/** What an arm answered under the newest route, over all slots. */
export function outcomesOf(heard: Heard, model: string, running: RunningRollout, role: 'CANARY' | 'CHAMPION'): ArmOutcomes {
  return summed(armsOf(heard, model, running, role).find(({ epoch }) => epoch === running.epoch));
}

/** FAILED share of the champion in the last route of the rollout that it took part in, [0, 1]; 0 when it never did. */
export function championFailedShare(heard: Heard, model: string, running: RunningRollout): number {
  const [newest] = armsOf(heard, model, running, 'CHAMPION').sort((a, b) => b.epoch - a.epoch);
  return failedShare(summed(newest));
}

/** What a running rollout waits for now: the name under which its waiting time is counted. */
export function waitsFor(routes: ModelRoutes, heard: Heard, model: string): string | undefined {
  const { running } = routes;
  if (!running) return undefined;
  if (running.epoch === undefined) return `${running.rolloutId}: staging`;
  const isAdopted = onAll(heard, adoptedSlots(heard, model, running.epoch));
  return `${running.rolloutId}: ${isAdopted ? 'outcomes' : 'adoption'} of epoch ${running.epoch}`;
}

/** The champion is gone back to only if there is one. */
export const canAbort = (routes: ModelRoutes): boolean => routes.running !== undefined && (routes.running.stage === 'staging' || (championOf(routes) !== undefined && routes.running.stage !== 'taking-over'));

function armsOf(heard: Heard, model: string, { rolloutId }: RunningRollout, role: ArmSeen['role']): ArmSeen[] {
  return (heard.arms.get(model) ?? []).filter((arm) => arm.rolloutId === rolloutId && arm.role === role);
}

function summed(arm: ArmSeen | undefined): ArmOutcomes {
  const sum = { ok: 0, fallback: 0, failed: 0 };
  for (const { ok, fallback, failed } of arm?.slots.values() ?? []) {
    sum.ok += ok;
    sum.fallback += fallback;
    sum.failed += failed;
  }
  return sum;
}
