import { championOf, type ArmOutcomes, type RoutedVersion, type RunningRollout } from '@millrace/rollout';
import type { EpisodeView, ModelBoard, PerformanceView, TimelineEntry, TrainingView, VersionView } from './board.ts';

/** A running rollout. */
export interface RolloutView extends RunningRollout {
  /** Slots that loaded the candidate, and those that adopted the newest route. */
  readonly loaded: readonly number[];
  readonly adopted: readonly number[];
  readonly waitsFor: 'loading' | 'adoption' | 'outcomes';
  /** Under the newest route, over all slots; null before its first outcome. */
  readonly outcomes: { readonly canary: ArmOutcomes | null; readonly champion: ArmOutcomes | null };
}

export interface ModelStatus {
  readonly name: string;
  readonly champion: RoutedVersion | null;
  /** Where a rollback goes while no rollout runs. */
  readonly previous: RoutedVersion | null;
  /** Newest route epoch; 0 before the first. */
  readonly epoch: number;
  /** Newest epoch by slot. */
  readonly adopted: Readonly<Record<string, number>>;
  readonly rollout: RolloutView | null;
  readonly trainings: readonly TrainingView[];
  readonly versions: readonly VersionView[];
  readonly episodes: readonly EpisodeView[];
  readonly performance: readonly PerformanceView[];
}

/** State of one model. @param slots of all lanes */
export function modelStatus(name: string, model: ModelBoard, slots: number): ModelStatus {
  return {
    name,
    champion: championOf(model.routes) ?? null,
    previous: model.routes.champions.at(-2) ?? null,
    epoch: model.routes.epoch,
    adopted: Object.fromEntries([...model.adopted].sort(([a], [b]) => a - b)),
    rollout: rolloutView(model, slots),
    trainings: [...model.trainings.values()],
    versions: [...model.versions.values()].sort((a, b) => a.version - b.version),
    episodes: [...model.episodes.values()],
    performance: [...model.performance.values()].sort((a, b) => a.windowStart - b.windowStart || a.version - b.version || a.role.localeCompare(b.role)),
  };
}

function rolloutView(model: ModelBoard, slots: number): RolloutView | null {
  const { running } = model.routes;
  if (!running) return null;
  const { rolloutId, epoch } = running;
  const loaded = [...(model.loaded.get(rolloutId) ?? [])].sort((a, b) => a - b);
  const adopted = epoch === undefined ? [] : adoptedBy(model, epoch);
  const waitsFor = epoch === undefined ? 'loading' : adopted.length < slots ? 'adoption' : 'outcomes';
  return { ...running, loaded, adopted, waitsFor, outcomes: { canary: outcomes(model, epoch, 'CANARY'), champion: outcomes(model, epoch, 'CHAMPION') } };
}

function outcomes(model: ModelBoard, epoch: number | undefined, role: string): ArmOutcomes | null {
  const slots = model.outcomes.get(`${epoch}/${role}`);
  if (!slots) return null;
  return [...slots.values()].reduce((sum, each) => ({ ok: sum.ok + each.ok, fallback: sum.fallback + each.fallback, failed: sum.failed + each.failed }), { ok: 0, fallback: 0, failed: 0 });
}

const adoptedBy = (model: ModelBoard, epoch: number): number[] => [...model.adopted].filter(([, newest]) => newest >= epoch).map(([slot]) => slot).sort((a, b) => a - b);

/** Which slots answer by a route. */
export interface Adoption {
  readonly model: string;
  /** Epoch that is waited for; null while the route that is asked for does not exist yet. */
  readonly epoch: number | null;
  /** Newest route epoch of the model. */
  readonly routed: number;
  readonly adopted: readonly number[];
  readonly missing: readonly number[];
  readonly done: boolean;
}

/**
 * Which slots have adopted an epoch, or the route that withdrew a version.
 *
 * @param slots of all lanes
 */
export function adoptionOf(name: string, model: ModelBoard, slots: number, of: { epoch: number } | { withdrawn: number }): Adoption {
  const epoch = 'epoch' in of ? of.epoch : (model.withdrawnBy.get(of.withdrawn) ?? null);
  const adopted = epoch === null ? [] : epoch === 0 ? all(slots) : adoptedBy(model, epoch);
  const missing = all(slots).filter((slot) => !adopted.includes(slot));
  return { model: name, epoch, routed: model.routes.epoch, adopted, missing, done: slots > 0 && missing.length === 0 };
}

const all = (slots: number): number[] => Array.from({ length: slots }, (_, slot) => slot);

/** Causes before what they cause, for records of one millisecond. */
const order = [
  'command-issued', 'retrain-requested', 'training-started', 'model-trained', 'training-failed', 'model-version-registered', 'model-version-approved', 'model-version-rejected', 'rollout-started',
  'model-load-failed', 'rollout-aborted', 'route-changed', 'rollout-completed', 'performance-reported',
];

/** What happened to a model, oldest first. */
export function timelineOf(model: ModelBoard): TimelineEntry[] {
  return [...model.timeline.values()].sort((a, b) => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind));
}
