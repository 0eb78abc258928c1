/** Features as served and labels, row by row. */
export interface Table {
  readonly rows: number;
  /** Features per row. */
  readonly width: number;
  /** Row-major, NaN = missing. */
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

/** Some rows of a table, in the order asked for. */
export function rowsOf({ width, features, labels }: Table, rows: Uint32Array): Table {
  const chosen = new Float32Array(rows.length * width);
  rows.forEach((row, n) => chosen.set(features.subarray(row * width, (row + 1) * width), n * width));
  return { rows: rows.length, width, features: chosen, labels: Uint8Array.from(rows, (row) => labels[row]!) };
}
