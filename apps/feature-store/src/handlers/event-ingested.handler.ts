import { EventIngested, LabelObserved, VectorComputed } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { LaneState } from '../domain/lane.state.ts';

/** Events become vectors for the models that predict them and labels for the events that they judge. */
@Streams(EventIngested, { per: 'lane', state: LaneState, publishes: [VectorComputed, LabelObserved] })
export class EventIngestedHandler {
  *handleBatch(batch: Iterable<Read<EventIngested>>, lane: LaneState): Iterable<VectorComputed | LabelObserved> {
    for (const { event, position } of batch) {
      const { vectors, labels } = lane.take(event, position);
      for (const vector of vectors) yield new VectorComputed(vector);
      for (const label of labels) yield new LabelObserved(label);
    }
  }
}
