import { PredictionMade, WindowSummarised } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { SlotState } from '../domain/slot-state.ts';

@Streams(PredictionMade, { per: 'slot', state: SlotState, publishes: [WindowSummarised] })
export class PredictionMadeHandler {
  handleBatch(batch: Iterable<Read<PredictionMade>>, slot: SlotState): void {
    for (const { event } of batch) slot.fold.prediction(event);
  }
}
