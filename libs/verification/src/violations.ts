/** Something that must not be, and where. */
export interface Violation {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** For people. */
  readonly sentence: string;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time, ms since epoch; NaN = unknown: then it is judged whatever the bounds are. */
  readonly timestamp: number;
}

/**
 * Append times that are judged, both inclusive, ms since epoch. What lies outside still serves as reference. What should follow from a
 * record and does not has the time of that record; what a client was told of and no record shows has none, and is always judged.
 */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

const examples = 10;

/** Counts what must not be and keeps the first ten. */
export class Violations {
  readonly first: Violation[] = [];
  /** Records that were judged. */
  seen = 0;
  count = 0;
  private readonly bounds: Bounds;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  within(timestamp: number): boolean {
    return !(timestamp < this.bounds.from || timestamp > this.bounds.to);
  }

  /** Counts a record as judged; false when it lies outside the bounds. */
  judges(timestamp: number): boolean {
    if (!this.within(timestamp)) return false;
    this.seen++;
    return true;
  }

  add({ topic, partition, offset, timestamp }: Place, sentence: string): void {
    if (!this.within(timestamp)) return;
    this.count++;
    if (this.first.length < examples) this.first.push({ topic, partition, offset, sentence });
  }
}
