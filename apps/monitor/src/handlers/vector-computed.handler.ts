import { VectorComputed, WindowSummarised } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

@Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [WindowSummarised] })
export class VectorComputedHandler {
  handleBatch(batch: Iterable<Read<VectorComputed>>, slot: SlotState): void {
    for (const { event } of batch) slot.fold.vector(event);
  }
}
