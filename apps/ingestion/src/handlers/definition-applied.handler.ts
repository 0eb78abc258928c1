import { DefinitionActivated, DefinitionApplied } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { LaneState } from '../domain/lane.state.ts';

/** Definitions come to every lane; `definition-activated` says from which of its events on they hold. */
@Streams(DefinitionApplied, { per: 'lane', state: LaneState, publishes: [DefinitionActivated], broadcast: true })
export class DefinitionAppliedHandler {
  handleBatch(batch: Iterable<Read<DefinitionApplied>>, lane: LaneState): undefined {
    for (const { event, position } of batch) lane.apply(event, position);
  }
}
