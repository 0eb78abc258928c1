import { ModelVersionApproved } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearApproved } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(ModelVersionApproved, { in: Rollouts, publishes: rolloutEvents })
export class ModelVersionApprovedHandler {
  observe(state: RolloutsState, { event }: Read<ModelVersionApproved>): RolloutsState {
    return observed(state, (heard) => hearApproved(heard, event));
  }

  decide(state: RolloutsState, { event }: Read<ModelVersionApproved>): Iterable<RolloutEvent> {
    return progressOf(state, event.model);
  }
}
