import { LabelObserved, VectorComputed, type Event, type EventPosted } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { Journal, StreamState } from '../handlers/stream-state.ts';

/** Numbers what two merged inputs bring: the number is committed with the offsets, so each must come out exactly once. */
export class MergedState implements StreamState {
  count = 0;

  journal(): Journal {
    const before = this.count;
    return { commit: () => undefined, undo: () => (this.count = before) };
  }

  mark(): number {
    return this.count;
  }

  resume(mark: number | undefined): void {
    this.count = mark ?? 0;
  }
}

/** Payload of the inputs: 16 bytes of identity, then a byte that says whether a label belongs to it. */
export function* handlePosted(batch: Iterable<Read<EventPosted>>, state: MergedState): Generator<Event> {
  for (const { event } of batch) {
    const eventId = event.value!.subarray(0, 16);
    const position = ++state.count;
    const { acceptedAt } = event;
    yield new VectorComputed({ model: 'm', eventId, entityKeys: [event.stream], eventTime: event.source.offset, acceptedAt, position, vectors: [] });
    if (event.value![16] === 1) yield new LabelObserved({ model: 'm', eventId, value: 1, labelTime: 0, position, laneTime: 0 });
  }
}
