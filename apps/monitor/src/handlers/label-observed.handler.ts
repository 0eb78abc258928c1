import { LabelObserved, WindowSummarised } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

@Streams(LabelObserved, { per: 'slot', state: SlotState, publishes: [WindowSummarised] })
export class LabelObservedHandler {
  handleBatch(batch: Iterable<Read<LabelObserved>>, slot: SlotState): void {
    for (const { event } of batch) slot.fold.label(event);
  }
}
