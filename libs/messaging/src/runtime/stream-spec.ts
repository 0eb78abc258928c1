import type { Event, EventClass } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { InputTopic } from './decoding.ts';

/** One handler as a loop calls it. */
export interface StreamHandler {
  readonly event: EventClass;
  readonly publishes: readonly EventClass[];
  readonly broadcast: boolean;
  handleBatch(batch: Iterable<Read>, state: StreamState): Promise<Iterable<Event> | AsyncIterable<Event> | undefined>;
}

/** All handlers that share one state, for one lane or slot. */
export interface StreamSpec {
  readonly service: string;
  /** Name of the state: part of writer id, group and snapshot name. */
  readonly group: string;
  readonly per: 'lane' | 'slot';
  readonly model?: string;
  readonly partition: number;
  readonly handlers: readonly StreamHandler[];
  /** In the declared order; read by offset. */
  readonly inputs: readonly InputTopic[];
  /** Read whole from the start, never in the offsets. */
  readonly broadcasts: readonly InputTopic[];
  /** Output partitions that only this loop writes, of what is declared now: not empty while no offset is committed means that the offsets were lost. */
  readonly owned: () => readonly InputTopic[];
  /** Small output topics that loops like this one write together. */
  readonly shared: readonly InputTopic[];
  readonly newState: () => StreamState;
  /** Records per transaction at most. */
  readonly batchSize: number;
}

/** Handlers by the stem of their event. */
export function handlersByStem(handlers: readonly StreamHandler[]): Map<string, StreamHandler> {
  return new Map(handlers.map((handler) => [handler.event.stem, handler]));
}
