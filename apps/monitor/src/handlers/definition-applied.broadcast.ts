import { DefinitionApplied, WindowSummarised } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

/** Each slot learns the horizon of its model's labels. */
@Streams(DefinitionApplied, { per: 'slot', state: SlotState, publishes: [WindowSummarised], broadcast: true })
export class DefinitionAppliedBroadcast {
  handleBatch(batch: Iterable<Read<DefinitionApplied>>, slot: SlotState): void {
    for (const { event } of batch) slot.defined(event);
  }
}
