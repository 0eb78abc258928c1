/**
 * Where a projection writes. Rows and position are one step: a projection that runs again writes nothing twice.
 * Ports of this kind are abstract classes, so that they are type and injection token in one.
 */
export abstract class ProjectionStore<T> {
  /** Next offset to read of a partition; 0 at the beginning. */
  abstract position(projection: string, topic: string, partition: number): Promise<number>;
  /**
   * Runs `work` and moves the position from `expected` to `next`, both or neither.
   * @throws MillraceError POSITION_MOVED when somebody else moved it
   */
  abstract transact(step: { projection: string; topic: string; partition: number; expected: number; next: number }, work: (tx: T) => Promise<void>): Promise<void>;
}
