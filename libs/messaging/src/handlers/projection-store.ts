/**
 * Where a projection writes. Rows and position are one step: a projection that runs again writes nothing twice.
 * Ports of this kind are abstract classes, so that they are type and injection token in one.
 */
export abstract class ProjectionStore<T> {
  /**
   * True when all instances of the service write to the same place, as to a database: one of them does so at a time. False when each has its
   * own, as in memory: each fills it.
   */
  abstract readonly shared: boolean;
  /** Next offset to read of a partition (`topic` without the workspace's prefix); 0 when nothing of it was written yet. */
  abstract position(projection: string, topic: string, partition: number): Promise<number>;
  /**
   * Runs `work`, which hands the events of one partition to the handlers in their order, and moves the position from `expected` to `next`, both or neither.
   * An error leaves the position where it was, unless the answer to the commit was lost: the loop reads it again and goes on from there.
   *
   * @throws MillraceError POSITION_MOVED or ARCHIVE_FENCED when somebody else moved it: the loop waits a little, reads the position again and goes on
   */
  abstract transact(step: { projection: string; topic: string; partition: number; expected: number; next: number }, work: (tx: T) => Promise<void>): Promise<void>;
  /**
   * Called between batches, about four times a second while nothing comes, less often while a broker is silent: writes what has waited long enough. What it throws lets the loop read the position again.
   *
   * @param _atEnd whether all partitions have been read to what was their end at the newest fetch
   */
  async due(_atEnd: boolean): Promise<void> {
    return Promise.resolve();
  }

  /** The projection ends here, or goes on in another instance: what was not written yet is written, and everything is released. */
  async release(): Promise<void> {
    return Promise.resolve();
  }
}
