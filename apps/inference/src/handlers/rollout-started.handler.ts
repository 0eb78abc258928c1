import { ModelLoadFailed, ModelLoaded, RouteAdopted, RolloutStarted } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

/** A candidate is to be loaded; each slot says by itself when it is, or why it cannot be. */
@Streams(RolloutStarted, { per: 'slot', state: SlotState, publishes: [ModelLoaded, ModelLoadFailed, RouteAdopted], broadcast: true })
export class RolloutStartedHandler {
  handleBatch(batch: Iterable<Read<RolloutStarted>>, slot: SlotState): void {
    for (const { event } of batch) slot.started(event);
  }
}
