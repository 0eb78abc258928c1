import { RolloutAborted, RolloutStarted, RouteChanged, type Arm } from '@millrace/contracts';
import { championOf, type ModelRoutes, type RoutedVersion, type RunningRollout } from '@millrace/rollout';
import { rolloutIdOf } from './rollout-id.ts';
import type { RolloutEvent } from './rollouts.ts';

const arm = (role: Arm['role'], { version, bundle }: RoutedVersion, weight: number): Arm => ({ role, version, bundle, weight });

/** A version begins its rollout. */
export function begun(model: string, routes: ModelRoutes, candidate: RoutedVersion, steps: readonly number[]): RolloutStarted {
  const champion = championOf(routes);
  const { version, bundle } = candidate;
  return new RolloutStarted({
    model, rolloutId: rolloutIdOf(model, version, routes.given + 1), version, bundle, previousVersion: champion?.version ?? null, previousBundle: champion?.bundle ?? null, steps,
  });
}

/** The next route of a rollout gives the candidate a share. */
export function stepped(model: string, routes: ModelRoutes, running: RunningRollout, champion: RoutedVersion, weight: number, reason: string): RouteChanged {
  const canary = arm('CANARY', running, weight);
  const arms = weight === 100 ? [canary] : [arm('CHAMPION', champion, 100 - weight), canary];
  return new RouteChanged({ model, rolloutId: running.rolloutId, epoch: routes.epoch + 1, arms, withdrawn: [], reason });
}

/** One version answers everything. */
export function routedAlone(model: string, routes: ModelRoutes, rolloutId: string, champion: RoutedVersion, reason: string, withdrawn: readonly number[] = []): RouteChanged {
  return new RouteChanged({ model, rolloutId, epoch: routes.epoch + 1, arms: [arm('CHAMPION', champion, 100)], withdrawn, reason });
}

/** The candidate is withdrawn, and the champion gets back what the candidate answered. */
export function* aborted(model: string, routes: ModelRoutes, reason: string, by: string): Generator<RolloutEvent> {
  const { running } = routes;
  const champion = championOf(routes);
  if (!running) return;
  yield new RolloutAborted({ model, rolloutId: running.rolloutId, version: running.version, reason, by });
  if (running.epoch !== undefined && champion) yield routedAlone(model, routes, running.rolloutId, champion, `version ${running.version} is withdrawn: ${reason}`, [running.version]);
}

/** Back to the champion before the current one. */
export function rolledBack(model: string, routes: ModelRoutes, reason: string): RouteChanged | undefined {
  const [previous, current] = routes.champions.slice(-2);
  if (!previous || !current) return undefined;
  return routedAlone(model, routes, rolloutIdOf(model, previous.version, routes.given + 1), previous, reason, [current.version]);
}
