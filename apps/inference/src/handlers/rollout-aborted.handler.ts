import { ModelLoadFailed, ModelLoaded, RouteAdopted, RolloutAborted } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

/** The candidate is withdrawn: its model may be let go. */
@Streams(RolloutAborted, { per: 'slot', state: SlotState, publishes: [ModelLoaded, ModelLoadFailed, RouteAdopted], broadcast: true })
export class RolloutAbortedHandler {
  handleBatch(batch: Iterable<Read<RolloutAborted>>, slot: SlotState): void {
    for (const { event } of batch) slot.ended(event);
  }
}
