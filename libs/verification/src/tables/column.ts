type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Numbers by index in one flat array that grows with the highest index; 0 where nothing was set. */
export class Column<A extends Numbers> {
  private readonly make: new (length: number) => A;
  private values: A;

  constructor(make: new (length: number) => A) {
    this.make = make;
    this.values = new make(1024);
  }

  get(index: number): number {
    return this.values[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.reach(index);
    this.values[index] = value;
  }

  /** Sets bits. */
  mark(index: number, bits: number): void {
    this.reach(index);
    this.values[index]! |= bits;
  }

  private reach(index: number): void {
    if (index < this.values.length) return;
    const grown = new this.make(Math.max(index + 1, Math.ceil(this.values.length * 1.5)));
    grown.set(this.values as never);
    this.values = grown;
  }
}
