import { ArmObserved } from '@millrace/contracts';
import { Decides, Tick } from '@millrace/messaging';
import { armsToSay } from '../domain/arm-progress.ts';
import { Findings, type FindingsState } from '../domain/findings.ts';

/** Arms are said once per second, so that however fast events come, `findings` grows slowly and the last count is said. */
@Decides(Tick, { in: Findings, publishes: [ArmObserved] })
export class TickHandler {
  *decide(state: FindingsState): Iterable<ArmObserved> {
    for (const model of state.seen.models.keys()) yield* armsToSay(state, model);
  }
}
