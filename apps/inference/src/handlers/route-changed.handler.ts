import { ModelLoadFailed, ModelLoaded, RouteAdopted, RouteChanged } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

/** Other arms answer from now on; each slot adopts them as soon as their models are loaded. */
@Streams(RouteChanged, { per: 'slot', state: SlotState, publishes: [ModelLoaded, ModelLoadFailed, RouteAdopted], broadcast: true })
export class RouteChangedHandler {
  handleBatch(batch: Iterable<Read<RouteChanged>>, slot: SlotState): void {
    for (const { event } of batch) slot.changed(event);
  }
}
