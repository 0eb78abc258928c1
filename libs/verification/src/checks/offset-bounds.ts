import type { Bounds } from '../violations.ts';

/**
 * The offsets of a partition between whose append times the bounds lie: what has no append time of its own (a gap, a row of a file) is
 * judged by its offset. Records come in the order of their offsets.
 *
 * @example
 * const judged = new OffsetBounds({ from: 20, to: 29 });
 * [10, 20, 30].forEach((timestamp, offset) => judged.take(offset, timestamp));
 * judged.has(1); // true, and false for 0 and 2
 */
export class OffsetBounds {
  private readonly bounds: Bounds;
  private first = Number.NEGATIVE_INFINITY;
  private last = Infinity;
  private isWithin = false;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  take(offset: number, timestamp: number): void {
    if (Number.isNaN(timestamp)) return;
    if (timestamp < this.bounds.from) {
      if (!this.isWithin) this.first = offset + 1;
    } else if (timestamp > this.bounds.to) {
      if (this.last === Infinity) this.last = offset - 1;
    } else {
      this.isWithin = true;
      this.last = Infinity;
    }
  }

  has(offset: number): boolean {
    return this.overlaps(offset, offset);
  }

  /** @param last inclusive */
  overlaps(first: number, last: number): boolean {
    return this.first <= this.last && last >= this.first && first <= this.last;
  }
}
