/**
 * Who holds how much of something that all share.
 *
 * @example shares.add('10.0.0.7', 3); shares.of('10.0.0.7'); // 3, until add('10.0.0.7', -3)
 */
export class Shares {
  private readonly amounts = new Map<string, number>();
  private sum = 0;

  /** Held by all. */
  get total(): number {
    return this.sum;
  }

  /** How many hold any of it. */
  get holders(): number {
    return this.amounts.size;
  }

  of(holder: string): number {
    return this.amounts.get(holder) ?? 0;
  }

  /** Takes more, or gives back (below 0). */
  add(holder: string, amount: number): void {
    const left = this.of(holder) + amount;
    this.sum += amount;
    // Who holds nothing leaves no trace: there are many addresses.
    if (left === 0) this.amounts.delete(holder);
    else this.amounts.set(holder, left);
  }
}
