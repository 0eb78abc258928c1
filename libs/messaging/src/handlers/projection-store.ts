/**
 * Where a projection writes. Rows and position are one step: a projection that runs again writes nothing twice.
 * Ports of this kind are abstract classes, so that they are type and injection token in one.
 */
export abstract class ProjectionStore<T> {
  /** Next offset to read of a partition (`topic` without the workspace's prefix); 0 when nothing of it was written yet. */
  abstract position(projection: string, topic: string, partition: number): Promise<number>;
  /**
   * Runs `work`, which hands the events of one partition to the handlers in their order, and moves the position from `expected` to `next`, both or neither.
   * An error leaves the position where it was, unless the answer to the commit was lost: the loop reads it again and goes on from there.
   *
   * @throws MillraceError POSITION_MOVED when somebody else moved it
   */
  abstract transact(step: { projection: string; topic: string; partition: number; expected: number; next: number }, work: (tx: T) => Promise<void>): Promise<void>;
}
