const longestMs = 120_000;

/** Whole milliseconds, counted by value up to two minutes: quantiles without keeping the values. */
export class LatencyHistogram {
  private readonly counts = new Uint32Array(longestMs + 1);
  private total = 0;

  get count(): number {
    return this.total;
  }

  add(ms: number): void {
    this.counts[Math.min(longestMs, Math.max(0, Math.round(ms)))]!++;
    this.total++;
  }

  /** The smallest value that a share `q` of all does not exceed; NaN without values. */
  quantile(q: number): number {
    const wanted = Math.max(1, Math.ceil(q * this.total));
    for (let ms = 0, below = 0; ms <= longestMs; ms++) {
      below += this.counts[ms]!;
      if (below >= wanted) return ms;
    }
    return NaN;
  }
}
