/**
 * Non-empty tiles of one entity at one level, sorted by index, in columns of float64. Almost every write is at the end.
 *
 * A row is valid until the next insert or drop.
 */
export class Tiles {
  readonly width: number;
  /** Columns of row r: `data[r * width]` and following. */
  data: Float64Array;
  /** 1 where a row no longer agrees with the tiles it combines. */
  stale: Uint8Array;
  /** First row and the row after the last. */
  first = 0;
  end = 0;
  private indexes: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.indexes = new Float64Array(4);
    this.data = new Float64Array(4 * width);
    this.stale = new Uint8Array(4);
  }

  indexOf(row: number): number {
    return this.indexes[row]!;
  }

  /** First row whose index is at least this one. */
  lowerBound(index: number): number {
    const { indexes } = this;
    let low = this.first;
    let high = this.end;
    if (low < high) {
      const newest = indexes[high - 1]!;
      if (newest < index) return high;
      if (newest === index) return high - 1;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (indexes[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Row of a tile; -1 when there is none. */
  find(index: number): number {
    const row = this.lowerBound(index);
    return row < this.end && this.indexes[row] === index ? row : -1;
  }

  /** Makes room for a tile that is not there and returns its row; the columns hold anything. */
  insert(index: number): number {
    if (this.end === this.indexes.length) this.makeRoom();
    const row = this.lowerBound(index);
    this.move(row, row + 1);
    this.end++;
    this.indexes[row] = index;
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
    if (from === this.end) return;
    this.indexes.copyWithin(to, from, this.end);
    this.stale.copyWithin(to, from, this.end);
    this.data.copyWithin(to * this.width, from * this.width, this.end * this.width);
  }

  private makeRoom(): void {
    const { first, end, width } = this;
    const size = end - first;
    // Dropped rows at the front are used again before anything grows.
    const capacity = first > end / 2 ? this.indexes.length : this.indexes.length * 2;
    const grown = <T extends Float64Array | Uint8Array>(from: T, to: T, columns: number): T => {
      to.set(from.subarray(first * columns, end * columns));
      return to;
    };
    this.indexes = grown(this.indexes, new Float64Array(capacity), 1);
    this.stale = grown(this.stale, new Uint8Array(capacity), 1);
    this.data = grown(this.data, new Float64Array(capacity * width), width);
    this.first = 0;
    this.end = size;
  }
}
