import { RolloutAborted, RolloutCompleted, RolloutStarted, RouteChanged } from '@millrace/contracts';
import { defineDecider } from '@millrace/messaging';
import { foldRoutes, noRoutes, type ModelRoutes } from '@millrace/rollout';
import { nothingHeard, type Heard } from './heard.ts';

export type RolloutEvent = RolloutStarted | RouteChanged | RolloutCompleted | RolloutAborted;
export const rolloutEvents = [RolloutStarted, RouteChanged, RolloutCompleted, RolloutAborted] as const;

export interface RolloutsState {
  /** Fold of the own events, by model. */
  readonly routes: ReadonlyMap<string, ModelRoutes>;
  /** Fold of the inputs. */
  readonly heard: Heard;
}

export const routesOf = (state: RolloutsState, model: string): ModelRoutes => state.routes.get(model) ?? noRoutes;

/** Which version of each model answers, and how the next one takes over. */
export const Rollouts = defineDecider({
  name: 'rollouts',
  events: rolloutEvents,
  initial: { routes: new Map(), heard: nothingHeard } as RolloutsState,
  evolve: (state, event: RolloutEvent): RolloutsState => ({ ...state, routes: new Map(state.routes).set(event.model, foldRoutes(routesOf(state, event.model), event)) }),
});

/** State after `hear` folded an input. */
export const observed = (state: RolloutsState, hear: (heard: Heard) => Heard): RolloutsState => ({ ...state, heard: hear(state.heard) });
