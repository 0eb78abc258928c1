/** Losses of a model's process that are remembered, and how many of them make it failing. */
const windowMs = 60_000;
const tolerated = 3;
/** How long a failing model is left alone before it is tried: doubled by each trial that fails. */
const rest = { firstMs: 2000, longestMs: 60_000 };

/**
 * Counts how often a model lost its process. One that loses more than three within a minute is failing: asking it again costs time that the
 * other vectors need, so it is left alone for some seconds. Then each caller tries it with one call: if one is answered the model is sound again (circuit
 * breaker; Nygard, Release It!, second edition 2018, section 5.2).
 *
 * @example losses.add(4); losses.resting; // true; after 2 s `onTrial`, until answered() or add()
 */
export class Losses {
  private readonly now: () => number;
  private times: number[] = [];
  private restMs = 0;
  private tryAt = -Infinity;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** It lost its process too often, and has answered nothing since. */
  get failing(): boolean {
    return this.restMs > 0;
  }

  /** Milliseconds for which it is still left alone; 0 = it may be asked. */
  get restsMs(): number {
    return this.failing ? Math.max(0, this.tryAt - this.now()) : 0;
  }

  /** Failing, and not to be asked now. */
  get resting(): boolean {
    return this.restsMs > 0;
  }

  /** Failing, and to be asked: not a second time when that is lost too. */
  get onTrial(): boolean {
    return this.failing && !this.resting;
  }

  /** Calls that lost the process. What began before it was left alone says nothing new. */
  add(count: number): void {
    if (count === 0 || this.resting) return;
    const now = this.now();
    this.times = [...this.times.filter((time) => time >= now - windowMs), ...Array<number>(count).fill(now)];
    if (this.restMs === 0 && this.times.length <= tolerated) return;
    this.restMs = this.restMs === 0 ? rest.firstMs : Math.min(rest.longestMs, 2 * this.restMs);
    this.tryAt = now + this.restMs;
  }

  /** It cannot be asked at all. */
  fail(): void {
    this.add(tolerated + 1);
  }

  /** A call was answered: what was on trial is sound again. */
  answered(): void {
    if (!this.onTrial) return;
    this.times = [];
    this.restMs = 0;
  }
}
