/** Lowest and highest lane position that was seen in each slot of a model. */
export class Positions {
  private readonly seen = new Map<string, { low: number; high: number }>();

  /** @returns the highest position before; -1 before the first */
  rise(model: string, slot: number, position: number): number {
    const key = `${model}/${slot}`;
    const range = this.seen.get(key);
    if (!range) {
      this.seen.set(key, { low: position, high: position });
      return -1;
    }
    const before = range.high;
    if (position > before) range.high = position;
    if (position < range.low) range.low = position;
    return before;
  }

  /** Infinity where nothing was seen. */
  lowest(model: string, slot: number): number {
    return this.seen.get(`${model}/${slot}`)?.low ?? Infinity;
  }

  /** -1 where nothing was seen. */
  highest(model: string, slot: number): number {
    return this.seen.get(`${model}/${slot}`)?.high ?? -1;
  }
}
