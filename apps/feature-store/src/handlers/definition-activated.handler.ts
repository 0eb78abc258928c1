import { DefinitionActivated } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { LaneState } from '../domain/lane.state.ts';

/** From the position of this event on, its definitions hold in the lane. */
@Streams(DefinitionActivated, { per: 'lane', state: LaneState, publishes: [] })
export class DefinitionActivatedHandler {
  handleBatch(batch: Iterable<Read<DefinitionActivated>>, lane: LaneState): undefined {
    for (const { event } of batch) lane.activate(event);
  }
}
