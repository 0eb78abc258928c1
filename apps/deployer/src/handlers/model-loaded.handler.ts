import { ModelLoaded } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearLoaded } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(ModelLoaded, { in: Rollouts, publishes: rolloutEvents })
export class ModelLoadedHandler {
  observe(state: RolloutsState, { event }: Read<ModelLoaded>): RolloutsState {
    return observed(state, (heard) => hearLoaded(heard, event));
  }

  decide(state: RolloutsState, { event }: Read<ModelLoaded>): Iterable<RolloutEvent> {
    return progressOf(state, event.model);
  }
}
