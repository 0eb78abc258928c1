import type { Arm } from '@millrace/contracts';
import { championOf, type ArmOutcomes, type RoutedVersion } from '@millrace/rollout';
import { adoptedSlots, loadedSlots, onAll, outcomesOf } from './evidence.ts';
import { routesOf, type RolloutsState } from './rollouts.ts';
import { waitedMs } from './waiting.ts';

/** A running rollout, for people. */
export interface RolloutStanding extends RoutedVersion {
  readonly rolloutId: string;
  readonly stage: 'staging' | 'canary' | 'taking-over';
  readonly steps: readonly number[];
  /** Share of the candidate, per cent. */
  readonly weight: number;
  readonly waitsFor: string;
  readonly waitedMs: number;
  readonly maximumWaitMs: number;
  readonly outcomes: { readonly canary: ArmOutcomes; readonly champion: ArmOutcomes } | null;
}

export interface ModelStanding {
  readonly model: string;
  readonly champion: RoutedVersion | null;
  /** Where a rollback goes while no rollout runs. */
  readonly previous: RoutedVersion | null;
  readonly epoch: number;
  readonly arms: readonly Arm[];
  /** Newest epoch by slot. */
  readonly adopted: Readonly<Record<string, number>>;
  readonly rollout: RolloutStanding | null;
  /** Approved versions that wait for the running rollout to end. */
  readonly queued: readonly number[];
}

/** Where the routes of a model stand; undefined for a model that is not declared. */
export function standingOf(state: RolloutsState, model: string): ModelStanding | undefined {
  const { heard } = state;
  const routes = routesOf(state, model);
  if (!heard.rules.has(model) && routes.given === 0) return undefined;
  return {
    model,
    champion: championOf(routes) ?? null,
    previous: routes.champions.at(-2) ?? null,
    epoch: routes.epoch,
    arms: routes.arms,
    adopted: Object.fromEntries(heard.adopted.get(model) ?? []),
    rollout: rolloutOf(state, model),
    queued: (heard.approved.get(model) ?? []).map(({ version }) => version).filter((version) => !routes.started.has(version)),
  };
}

function rolloutOf(state: RolloutsState, model: string): RolloutStanding | null {
  const { heard } = state;
  const { running } = routesOf(state, model);
  if (!running) return null;
  const { rolloutId, version, bundle, stage, steps, weight, epoch } = running;
  const rules = heard.rules.get(model);
  const outcomes = epoch === undefined ? null : { canary: outcomesOf(heard, model, running, 'CANARY'), champion: outcomesOf(heard, model, running, 'CHAMPION') };
  const adopted = epoch === undefined ? [] : adoptedSlots(heard, model, epoch);
  const waitsFor =
    epoch === undefined ? `${heard.slots - loadedSlots(heard, rolloutId).length} of ${heard.slots} slots to load it`
    : !onAll(heard, adopted) ? `${heard.slots - adopted.length} of ${heard.slots} slots to adopt epoch ${epoch}`
    : `${rules?.minimum ?? 0} outcomes in the smaller arm at ${weight} %`;
  return { rolloutId, version, bundle, stage, steps, weight, waitsFor, waitedMs: waitedMs(state, model), maximumWaitMs: rules?.maximumWaitMs ?? 0, outcomes };
}
