/** Whether the route epoch ever decreases along a partition. */
export class EpochOrder {
  private readonly newest = new Map<number, number>();
  private readonly faults: string[] = [];
  private fallen = 0;

  /** Records of a partition come in their order. */
  add(partition: number, offset: number, epoch: number): void {
    const before = this.newest.get(partition) ?? 0;
    if (epoch < before) {
      this.fallen++;
      if (this.faults.length < 3) this.faults.push(`slot ${partition} offset ${offset}: epoch ${epoch} after ${before}`);
    } else this.newest.set(partition, epoch);
  }

  get decreases(): number {
    return this.fallen;
  }

  /** The first of them. */
  get examples(): readonly string[] {
    return this.faults;
  }
}
