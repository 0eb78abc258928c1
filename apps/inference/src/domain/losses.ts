/** Losses of a model's process that are remembered, and how many of them make it failing. */
const windowMs = 60_000;
const tolerated = 3;

/**
 * Counts how often a model lost its process. One that loses more than three within a minute is failing: asking it again costs time that the
 * other vectors need, so it is not asked until the losses have grown old.
 */
export class Losses {
  private readonly now: () => number;
  private times: number[] = [];

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  get failing(): boolean {
    const oldest = this.now() - windowMs;
    if (this.times.length > 0 && this.times[0]! < oldest) this.times = this.times.filter((time) => time >= oldest);
    return this.times.length > tolerated;
  }

  add(count: number): void {
    for (let i = 0; i < count; i++) this.times.push(this.now());
  }

  /** It cannot be asked at all. */
  fail(): void {
    this.add(tolerated + 1);
  }
}
