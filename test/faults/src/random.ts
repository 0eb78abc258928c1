/** Chance by a seed: the same seed draws the same plan. Source: mulberry32, Tommy Ettinger, public domain. */
export class Random {
  private state: number;

  /** @param parts what the draws are for; two different lists give two unrelated streams */
  constructor(...parts: readonly (string | number)[]) {
    this.state = 0;
    for (const char of parts.join('/')) this.state = Math.imul(this.state ^ char.codePointAt(0)!, 0x9e3779b1) >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number in [from, to]. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  shuffled<T>(values: readonly T[]): T[] {
    const all = [...values];
    for (let index = all.length - 1; index > 0; index--) {
      const other = this.whole(0, index);
      [all[index], all[other]] = [all[other]!, all[index]!];
    }
    return all;
  }
}
