import { ModelLoadFailed } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearLoadFailed } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(ModelLoadFailed, { in: Rollouts, publishes: rolloutEvents })
export class ModelLoadFailedHandler {
  observe(state: RolloutsState, { event }: Read<ModelLoadFailed>): RolloutsState {
    return observed(state, (heard) => hearLoadFailed(heard, event));
  }

  decide(state: RolloutsState, { event }: Read<ModelLoadFailed>): Iterable<RolloutEvent> {
    return progressOf(state, event.model);
  }
}
