/** A reference vector; null = missing. */
export interface GoldenRow {
  readonly id: Uint8Array;
  readonly vector: readonly (number | null)[];
}

const tolerance = 1e-6;
const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');

/** Compares served vectors with reference vectors: counts and calendar bit for bit as float32, others within 1e-6, missing where missing. */
export class GoldenComparison {
  private readonly wanted = new Map<string, readonly (number | null)[]>();
  private readonly compared = new Set<string>();
  private readonly exact: readonly boolean[];
  private readonly names: readonly string[];
  private readonly different: string[] = [];
  private count = 0;

  /** @param exact by feature: whether it must be equal bit for bit */
  constructor(rows: readonly GoldenRow[], names: readonly string[], exact: readonly boolean[]) {
    for (const { id, vector } of rows) this.wanted.set(keyOf(id), vector);
    this.names = names;
    this.exact = exact;
  }

  /** A vector as served; others than those of reference rows are passed over. */
  add(id: Uint8Array, served: ArrayLike<number>): void {
    const key = keyOf(id);
    const golden = this.wanted.get(key);
    if (!golden) return;
    this.compared.add(key);
    const wrong = served.length === golden.length ? golden.findIndex((value, n) => !this.isEqual(n, value, served[n]!)) : 0;
    if (wrong < 0) return;
    this.count++;
    if (this.different.length < 3) this.different.push(`${this.names[wrong]} is ${served[wrong]}, ${golden[wrong] ?? 'missing'} is right`);
  }

  /** Whether a reference row was served. */
  has(id: Uint8Array): boolean {
    return this.compared.has(keyOf(id));
  }

  get rows(): number {
    return this.compared.size;
  }

  get differing(): number {
    return this.count;
  }

  get examples(): readonly string[] {
    return this.different;
  }

  private isEqual(feature: number, golden: number | null, served: number): boolean {
    if (golden === null) return Number.isNaN(served);
    return this.exact[feature] ? Object.is(served, Math.fround(golden)) : Math.abs(served - golden) <= tolerance * Math.abs(golden);
  }
}
