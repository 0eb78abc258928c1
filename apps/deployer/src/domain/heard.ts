import type { ArmObserved, ModelLoadFailed, ModelLoaded, ModelVersionApproved, RouteAdopted, WorkspaceCreated } from '@millrace/contracts';
import type { ArmOutcomes, RoutedVersion } from '@millrace/rollout';

/** What a model's definition says about its rollouts. */
export interface RolloutRules {
  readonly steps: readonly number[];
  /** Outcomes that the smaller arm needs. */
  readonly minimum: number;
  readonly maximumWaitMs: number;
}

/** What one arm answered under one route, newest count of each slot. */
export interface ArmSeen {
  readonly rolloutId: string;
  readonly epoch: number;
  readonly role: ArmObserved['role'];
  readonly slots: ReadonlyMap<number, ArmOutcomes>;
}

/** How long a rollout has waited for one thing. */
export interface Wait {
  readonly for: string;
  readonly waitedMs: number;
  /** Time of the newest tick, ms since epoch. */
  readonly at: number;
}

/** What the inputs said: folded apart from the own events, which come first at a restart. */
export interface Heard {
  /** Slots of all lanes; 0 before the workspace is known. */
  readonly slots: number;
  readonly rules: ReadonlyMap<string, RolloutRules>;
  /** By model, in the order of their approval. */
  readonly approved: ReadonlyMap<string, readonly RoutedVersion[]>;
  /** Slots that loaded the candidate, by rollout. */
  readonly loaded: ReadonlyMap<string, ReadonlySet<number>>;
  /** Why a slot could not load the candidate, by rollout. */
  readonly failed: ReadonlyMap<string, string>;
  /** Newest epoch of each slot, by model. */
  readonly adopted: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** By model, of its newest epochs. */
  readonly arms: ReadonlyMap<string, readonly ArmSeen[]>;
  /** Where a command was read first, by its id. */
  readonly commands: ReadonlyMap<string, number>;
  /** By model; counted by ticks, see {@link import('./waiting.ts').tickWaits}. */
  readonly waits: ReadonlyMap<string, Wait>;
}

export const nothingHeard: Heard = {
  slots: 0, rules: new Map(), approved: new Map(), loaded: new Map(), failed: new Map(), adopted: new Map(), arms: new Map(), commands: new Map(), waits: new Map(),
};

/** A step is compared with the one before it at most, so older counts are dropped. */
const epochsKept = 3;

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

export function hearWorkspace(heard: Heard, { lanes, slots }: WorkspaceCreated): Heard {
  return { ...heard, slots: lanes * slots };
}

export function hearDefinitions(heard: Heard, definitions: string): Heard {
  const { models } = JSON.parse(definitions) as { models: { name: string; rollout: RolloutRules }[] };
  return { ...heard, rules: new Map(models.map(({ name, rollout }) => [name, rollout])) };
}

export function hearApproved(heard: Heard, { model, version, bundle }: ModelVersionApproved): Heard {
  const known = heard.approved.get(model) ?? [];
  if (known.some((each) => each.version === version)) return heard;
  return { ...heard, approved: put(heard.approved, model, [...known, { version, bundle }]) };
}

export function hearLoaded(heard: Heard, { rolloutId, slot }: ModelLoaded): Heard {
  return { ...heard, loaded: put(heard.loaded, rolloutId, new Set([...(heard.loaded.get(rolloutId) ?? []), slot])) };
}

export function hearLoadFailed(heard: Heard, { rolloutId, slot, reason, code }: ModelLoadFailed): Heard {
  if (heard.failed.has(rolloutId)) return heard;
  return { ...heard, failed: put(heard.failed, rolloutId, `slot ${slot} cannot load it: ${reason} (${code})`) };
}

export function hearAdopted(heard: Heard, { model, slot, epoch }: RouteAdopted): Heard {
  const slots = heard.adopted.get(model) ?? new Map<number, number>();
  return { ...heard, adopted: put(heard.adopted, model, put(slots, slot, Math.max(epoch, slots.get(slot) ?? 0))) };
}

export function hearArm(heard: Heard, { model, rolloutId, epoch, role, slots }: ArmObserved): Heard {
  const known = heard.arms.get(model) ?? [];
  const isSame = (arm: ArmSeen): boolean => arm.rolloutId === rolloutId && arm.epoch === epoch && arm.role === role;
  const counts = new Map(known.find(isSame)?.slots);
  for (const { slot, ok, fallback, failed } of slots) counts.set(slot, { ok, fallback, failed });
  const arms = [...known.filter((arm) => !isSame(arm)), { rolloutId, epoch, role, slots: counts }];
  const kept = new Set([...new Set(arms.map((arm) => arm.epoch))].sort((a, b) => b - a).slice(0, epochsKept));
  return { ...heard, arms: put(heard.arms, model, arms.filter((arm) => kept.has(arm.epoch))) };
}

export function hearCommand(heard: Heard, commandId: string, position: number): Heard {
  return heard.commands.has(commandId) ? heard : { ...heard, commands: put(heard.commands, commandId, position) };
}
