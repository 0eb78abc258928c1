import { RouteAdopted } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearAdopted } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(RouteAdopted, { in: Rollouts, publishes: rolloutEvents })
export class RouteAdoptedHandler {
  observe(state: RolloutsState, { event }: Read<RouteAdopted>): RolloutsState {
    return observed(state, (heard) => hearAdopted(heard, event));
  }

  decide(state: RolloutsState, { event }: Read<RouteAdopted>): Iterable<RolloutEvent> {
    return progressOf(state, event.model);
  }
}
