import type { Arm } from '@millrace/contracts';

/** Which versions of a model answer, from an epoch on. */
export interface Route {
  readonly rolloutId: string;
  readonly epoch: number;
  readonly arms: readonly Arm[];
  /** Versions that must not answer any more once this route is known. */
  readonly withdrawn: readonly number[];
}

/** Arms that get events: champion and canary, where their weight is not 0. */
export function answering(route: Route): readonly Arm[] {
  return route.arms.filter(({ role, weight }) => (role === 'CHAMPION' || role === 'CANARY') && weight > 0);
}

/** Digests of the bundles that a route needs, each once. */
export function bundlesOf(route: Route): string[] {
  return [...new Set(answering(route).map(({ bundle }) => bundle))];
}
