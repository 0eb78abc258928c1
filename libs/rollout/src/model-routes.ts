import { RolloutAborted, RolloutCompleted, RolloutStarted, type Arm, type RouteChanged } from '@millrace/contracts';

/** A version as a route names it. */
export interface RoutedVersion {
  readonly version: number;
  /** Digest of its bundle. */
  readonly bundle: string;
}

/** A version that is taking over. */
export interface RunningRollout extends RoutedVersion {
  readonly rolloutId: string;
  /** Weights in per cent, ascending to 100. */
  readonly steps: readonly number[];
  /** `staging` until its first route, `canary` beside or instead of a champion, `taking-over` when routed as champion. */
  readonly stage: 'staging' | 'canary' | 'taking-over';
  /** Share of the candidate, per cent; 0 while staging. */
  readonly weight: number;
  /** Epoch of its newest route; undefined while staging. */
  readonly epoch: number | undefined;
}

/** Where a model's routes stand: a fold of its events in `rollouts`. */
export interface ModelRoutes {
  /** Newest route epoch; 0 before the first. */
  readonly epoch: number;
  /** Arms of the newest route. */
  readonly arms: readonly Arm[];
  /** Versions that were champion and were not withdrawn, oldest first. The last one is the champion, a rollback goes to the one before. */
  readonly champions: readonly RoutedVersion[];
  readonly running: RunningRollout | undefined;
  /** Versions that began a rollout at some time. */
  readonly started: ReadonlySet<number>;
  readonly withdrawn: ReadonlySet<number>;
  /** Rollout ids given so far, and the newest of them. */
  readonly given: number;
  readonly newestId: string | undefined;
}

export const noRoutes: ModelRoutes = { epoch: 0, arms: [], champions: [], running: undefined, started: new Set(), withdrawn: new Set(), given: 0, newestId: undefined };

/** The version at 100 % that rollouts start from; undefined before the first. */
export const championOf = (routes: ModelRoutes): RoutedVersion | undefined => routes.champions.at(-1);

/**
 * Folds one event of a model.
 *
 * @example [started, routed, completed].reduce(foldRoutes, noRoutes).champions.at(-1) // { version: 1, bundle }
 */
export function foldRoutes(routes: ModelRoutes, event: RolloutStarted | RouteChanged | RolloutCompleted | RolloutAborted): ModelRoutes {
  if (event instanceof RolloutStarted) {
    const { rolloutId, version, bundle, steps } = event;
    const running: RunningRollout = { rolloutId, version, bundle, steps, stage: 'staging', weight: 0, epoch: undefined };
    return { ...routes, running, started: new Set([...routes.started, version]), given: routes.given + 1, newestId: rolloutId };
  }
  if (event instanceof RolloutCompleted) return { ...routes, running: undefined };
  if (event instanceof RolloutAborted) return { ...routes, running: undefined, withdrawn: new Set([...routes.withdrawn, event.version]) };
  return foldRoute(routes, event);
}

function foldRoute(routes: ModelRoutes, { rolloutId, epoch, arms, withdrawn }: RouteChanged): ModelRoutes {
  const isNew = rolloutId !== routes.newestId;
  return {
    ...routes,
    epoch,
    arms,
    champions: championsAfter(routes.champions, arms, withdrawn),
    running: routes.running?.rolloutId === rolloutId ? routed(routes.running, epoch, arms) : routes.running,
    withdrawn: new Set([...routes.withdrawn, ...withdrawn]),
    given: routes.given + (isNew ? 1 : 0),
    newestId: rolloutId,
  };
}

function routed(running: RunningRollout, epoch: number, arms: readonly Arm[]): RunningRollout {
  const arm = arms.find(({ version }) => version === running.version);
  if (!arm) return running;
  return { ...running, epoch, weight: arm.weight, stage: arm.role === 'CHAMPION' ? 'taking-over' : 'canary' };
}

// Only a champion that answers everything is one to start from or to go back to.
function championsAfter(champions: readonly RoutedVersion[], arms: readonly Arm[], withdrawn: readonly number[]): readonly RoutedVersion[] {
  const kept = champions.filter(({ version }) => !withdrawn.includes(version));
  const sole = arms.find(({ role, weight }) => role === 'CHAMPION' && weight === 100);
  if (!sole) return kept;
  const place = kept.findIndex(({ version }) => version === sole.version);
  return place >= 0 ? kept.slice(0, place + 1) : [...kept, { version: sole.version, bundle: sole.bundle }];
}
