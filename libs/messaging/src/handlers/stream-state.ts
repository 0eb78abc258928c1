import type { Event } from '@millrace/contracts';

/** What a batch overwrote, so that an aborted transaction can be taken back. */
export interface Journal {
  /** The transaction was committed: forget what was overwritten. */
  commit(): void;
  /** It was not: put everything back exactly. */
  undo(): void;
}

/** Where a loop stands between two batches. */
export interface Standing {
  /** Lane or slot. */
  readonly partition: number;
  /** Next offset by topic (without prefix). */
  readonly positions: ReadonlyMap<string, number>;
}

/**
 * State of a stream handler: a function of what was read. The runtime calls these methods, never a handler.
 * A state is restored in one of two ways: from `snapshot` pages and a replay of the inputs, or, when it is no more than how far
 * something has come, from `mark`, which is committed together with the offsets.
 */
export interface StreamState {
  /** Begins to note what is overwritten; what broadcast inputs change is not part of it, they are folded between two journals. */
  journal(): Journal;
  /**
   * What is due without an input: goes out in the next transaction, once. Called between batches, also when nothing waits. The state
   * notes what it has said, and `undo` of the journal takes that note back.
   */
  due?(standing: Standing): Iterable<Event>;
  /** Pages of the whole state; the state does not change until the last page was taken. */
  snapshot?(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  restore?(pages: AsyncIterable<Uint8Array>): Promise<void>;
  /** A number that never decreases, committed with the offsets; given back at the start, undefined before the first transaction. */
  mark?(): number;
  resume?(mark: number | undefined): void;
  /** Frees what the state holds outside memory. */
  close?(): Promise<void> | void;
}

/** Journal of a state that a batch does not change. */
export const nothingWritten: Journal = { commit: () => undefined, undo: () => undefined };
