import { Decides, Tick, type Read } from '@millrace/messaging';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';
import { tickWaits } from '../domain/waiting.ts';

/** Time that passes without an input is an input too: what is not judged in time is rolled back. */
@Decides(Tick, { in: Rollouts, publishes: rolloutEvents })
export class TickHandler {
  observe(state: RolloutsState, { event }: Read<Tick>): RolloutsState {
    return tickWaits(state, event.now);
  }

  *decide(state: RolloutsState): Iterable<RolloutEvent> {
    for (const model of state.heard.approved.keys()) yield* progressOf(state, model);
  }
}
