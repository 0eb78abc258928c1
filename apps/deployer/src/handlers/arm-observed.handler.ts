import { ArmObserved } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearArm } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(ArmObserved, { in: Rollouts, publishes: rolloutEvents })
export class ArmObservedHandler {
  observe(state: RolloutsState, { event }: Read<ArmObserved>): RolloutsState {
    return observed(state, (heard) => hearArm(heard, event));
  }

  decide(state: RolloutsState, { event }: Read<ArmObserved>): Iterable<RolloutEvent> {
    return progressOf(state, event.model);
  }
}
