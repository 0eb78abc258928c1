import { ModelLoadFailed, ModelLoaded, RouteAdopted, RolloutCompleted } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

/** The candidate is the champion: nothing is to be announced any more. */
@Streams(RolloutCompleted, { per: 'slot', state: SlotState, publishes: [ModelLoaded, ModelLoadFailed, RouteAdopted], broadcast: true })
export class RolloutCompletedHandler {
  handleBatch(batch: Iterable<Read<RolloutCompleted>>, slot: SlotState): void {
    for (const { event } of batch) slot.ended(event);
  }
}
