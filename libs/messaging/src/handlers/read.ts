import type { Event } from '@millrace/contracts';

/** An input as a handler sees it. */
export interface Read<E extends Event = Event> {
  readonly event: E;
  /** Topic without the workspace's prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Offset in its partition; -1 for inputs without one (ticks, doors, job results). */
  readonly position: number;
  /** Append time at the broker, ms since epoch. */
  readonly time: number;
  /** Key of the record: the event id, or the model's name. */
  readonly id: Uint8Array;
  readonly headers: Readonly<Record<string, Buffer | undefined>>;
}
