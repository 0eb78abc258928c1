/** Rates per second over the last few seconds, from totals that only grow. */
export class Rates {
  private readonly overMs: number;
  private readonly samples: { at: number; totals: ReadonlyMap<string, number> }[] = [];

  constructor(overMs = 3_000) {
    this.overMs = overMs;
  }

  /** @param at milliseconds of a clock that only grows */
  add(at: number, totals: ReadonlyMap<string, number>): void {
    this.samples.push({ at, totals: new Map(totals) });
    while (this.samples.length > 2 && at - this.samples[1]!.at >= this.overMs) this.samples.shift();
  }

  /** Per second; 0 before there are two samples. */
  of(what: string): number {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return (((last.totals.get(what) ?? 0) - (first.totals.get(what) ?? 0)) / (last.at - first.at)) * 1000;
  }
}
