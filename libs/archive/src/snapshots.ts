/** A state as it stood at one position. */
export interface Snapshot {
  /** Position at which the state stands, as given when it was written. */
  readonly key: number;
  readonly meta: Record<string, unknown>;
  /** The pages in the order in which they were written. */
  pages(): AsyncIterable<Uint8Array>;
}

/** Saved states, by name and position. A damaged one is as good as none. */
export abstract class Snapshots {
  /**
   * Saves a state whole or not at all, and keeps the newest three of the name; also the newest three up to `key`, where others lie beyond it.
   *
   * @param key position at which the state stands, a whole number from 0 on
   * @param meta JSON that the reader needs before the pages
   * @throws MillraceError SNAPSHOT_INVALID for a name, key or meta that cannot be kept
   */
  abstract write(name: string, key: number, meta: Record<string, unknown>, pages: AsyncIterable<Uint8Array>): Promise<void>;

  /** The snapshot with the highest key (not above `atMost`) that is whole; undefined when there is none. */
  abstract latest(name: string, atMost?: number): Promise<Snapshot | undefined>;
}
