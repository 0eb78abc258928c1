/** A stored state and the positions of the inputs that it is a function of. */
export interface StoredSnapshot {
  readonly positions: Readonly<Record<string, number>>;
  pages(): AsyncIterable<Uint8Array>;
}

/** Where states are kept: the archive. Abstract class = type and injection token in one. */
export abstract class Snapshots {
  /** How long a change of a state may wait for a snapshot. */
  readonly everyMs: number = 20_000;

  /** The newest one that is whole and stands at or before the committed positions. */
  abstract latest(name: string, committed: Readonly<Record<string, number>>): Promise<StoredSnapshot | undefined>;
  /** Atomic: a reader sees all of it or nothing. */
  abstract write(name: string, positions: Readonly<Record<string, number>>, pages: readonly Uint8Array[]): Promise<void>;
}
