import { DefinitionApplied } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearDefinitions } from '../domain/heard.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(DefinitionApplied, { in: Rollouts, publishes: rolloutEvents })
export class DefinitionAppliedHandler {
  observe(state: RolloutsState, { event }: Read<DefinitionApplied>): RolloutsState {
    return observed(state, (heard) => hearDefinitions(heard, event.definitions));
  }

  /** An approval may have been read before the definition of its model. */
  *decide(state: RolloutsState): Iterable<RolloutEvent> {
    for (const model of state.heard.approved.keys()) yield* progressOf(state, model);
  }
}
