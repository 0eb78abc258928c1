const indexAt = 0;
const staleAt = 1;
/** Where the columns of a row begin: its index and its stale mark stand before them. */
const header = 2;

/**
 * Non-empty tiles of one entity at one level, sorted by index, row by row in one array of float64. Almost every write is at the end.
 *
 * A row number is valid until the next insert, removal or drop.
 */
export class Tiles {
  /** Distance between rows in `data`. */
  readonly stride: number;
  data: Float64Array;
  /** First row and the row after the last. */
  first = 0;
  end = 0;
  private capacity = 2;

  constructor(width: number) {
    this.stride = width + header;
    this.data = new Float64Array(this.capacity * this.stride);
  }

  indexOf(row: number): number {
    return this.data[row * this.stride + indexAt]!;
  }

  /** Place of a row's columns in `data`. */
  columnsOf(row: number): number {
    return row * this.stride + header;
  }

  /** Whether a row no longer agrees with the tiles it combines. */
  isStale(row: number): boolean {
    return this.data[row * this.stride + staleAt] !== 0;
  }

  setStale(row: number, stale: boolean): void {
    this.data[row * this.stride + staleAt] = stale ? 1 : 0;
  }

  /** First row whose index is at least this one. */
  lowerBound(index: number): number {
    let low = this.first;
    let high = this.end;
    if (low < high) {
      const newest = this.indexOf(high - 1);
      if (newest < index) return high;
      if (newest === index) return high - 1;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.indexOf(middle) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Row of a tile; -1 when there is none. */
  find(index: number): number {
    const row = this.lowerBound(index);
    return row < this.end && this.indexOf(row) === index ? row : -1;
  }

  /** Makes room for a tile that is not there and returns its row; the columns hold anything. */
  insert(index: number): number {
    if (this.end === this.capacity) this.makeRoom();
    const row = this.lowerBound(index);
    this.move(row, row + 1);
    this.end++;
    this.data[row * this.stride + indexAt] = index;
    return row;
  }

  remove(row: number): void {
    this.move(row + 1, row);
    this.end--;
  }

  /** Drops all tiles before an index. */
  dropBefore(index: number): void {
    this.first = this.lowerBound(index);
  }

  private move(from: number, to: number): void {
    if (from < this.end) this.data.copyWithin(to * this.stride, from * this.stride, this.end * this.stride);
  }

  private makeRoom(): void {
    const { first, end, stride, data } = this;
    // Dropped rows at the front are used again before anything grows.
    if (first <= this.capacity / 2) this.capacity *= 2;
    this.data = new Float64Array(this.capacity * stride);
    this.data.set(data.subarray(first * stride, end * stride));
    this.first = 0;
    this.end = end - first;
  }
}
