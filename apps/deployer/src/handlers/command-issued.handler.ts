import { CommandIssued } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { hearCommand } from '../domain/heard.ts';
import { ordered } from '../domain/ordered.ts';
import { progressOf } from '../domain/progress.ts';
import { Rollouts, observed, rolloutEvents, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';

@Decides(CommandIssued, { in: Rollouts, publishes: rolloutEvents })
export class CommandIssuedHandler {
  constructor(private readonly shared: Shared) {}

  observe(state: RolloutsState, { event, position }: Read<CommandIssued>): RolloutsState {
    return observed(state, (heard) => hearCommand(heard, event.commandId, position));
  }

  *decide(state: RolloutsState, { event, position }: Read<CommandIssued>): Iterable<RolloutEvent> {
    const result = ordered(state, event, position);
    if ('refused' in result) {
      // Who asked was answered by the console already; here the log is all that is left.
      this.shared.log.warn(`${event.kind} of ${event.model} by ${event.who} (${event.commandId}) leads to nothing: ${result.refused}`);
      return;
    }
    yield* result.events;
    const after = result.events.reduce((before, each) => Rollouts.evolve(before, each), state);
    yield* progressOf(after, event.model);
  }
}
