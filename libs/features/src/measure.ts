/** What a tile keeps of the values of one expression. */
export type MeasureKind = 'count' | 'total' | 'least' | 'greatest' | 'moments' | 'last' | 'recency' | 'distinct';

/**
 * How one kind of measure lies in the columns of a tile, and how tiles are combined.
 * Nothing is ever taken back out: a window is always the combination of its tiles, oldest first.
 */
export interface MeasureRules {
  /** Columns, float64. */
  readonly width: number;
  /** Writes the measure of no value. */
  clear(data: Float64Array, at: number): void;
  /** Adds one value of an event; `time` is its event time, `tile` the start of its tile, ms since epoch. */
  add(data: Float64Array, at: number, value: number, time: number, tile: number): void;
  /** Adds `rows` tiles, oldest first; the first lies at `first`, each next one `stride` further. */
  combine(data: Float64Array, at: number, from: Float64Array, first: number, rows: number, stride: number): void;
}

const count: MeasureRules = {
  width: 1,
  clear: (data, at) => void (data[at] = 0),
  add: (data, at) => void data[at]!++,
  combine(data, at, from, first, rows, stride) {
    let n = data[at]!;
    for (let i = 0; i < rows; i++) n += from[first + i * stride]!;
    data[at] = n;
  },
};

/** Columns: number of values, their sum. */
const total: MeasureRules = {
  width: 2,
  clear: (data, at) => void (data[at] = data[at + 1] = 0),
  add(data, at, value) {
    data[at]!++;
    data[at + 1]! += value;
  },
  combine(data, at, from, first, rows, stride) {
    let n = data[at]!;
    let sum = data[at + 1]!;
    for (let i = 0, row = first; i < rows; i++, row += stride) {
      n += from[row]!;
      sum += from[row + 1]!;
    }
    data[at] = n;
    data[at + 1] = sum;
  },
};

const least = extreme(Number.POSITIVE_INFINITY, Math.min);
const greatest = extreme(Number.NEGATIVE_INFINITY, Math.max);

/**
 * Columns: n, mean, sum of squared deviations. Welford 1962 for single values; tiles by Chan, Golub and LeVeque,
 * "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
 */
const moments: MeasureRules = {
  width: 3,
  clear: (data, at) => void (data[at] = data[at + 1] = data[at + 2] = 0),
  add(data, at, value) {
    const n = ++data[at]!;
    const before = value - data[at + 1]!;
    data[at + 1]! += before / n;
    data[at + 2]! += before * (value - data[at + 1]!);
  },
  combine(data, at, from, first, rows, stride) {
    for (let i = 0, row = first; i < rows; i++, row += stride) {
      const added = from[row]!;
      if (added === 0) continue;
      const n = data[at]! + added;
      const distance = from[row + 1]! - data[at + 1]!;
      data[at + 2]! += from[row + 2]! + (distance * distance * data[at]! * added) / n;
      data[at + 1]! += (distance * added) / n;
      data[at] = n;
    }
  },
};

/** Columns: event time of the newest value, the value. Of equal times the one that the lane saw last. */
const last: MeasureRules = {
  width: 2,
  clear(data, at) {
    data[at] = Number.NEGATIVE_INFINITY;
    data[at + 1] = Number.NaN;
  },
  add(data, at, value, time) {
    if (time < data[at]!) return;
    data[at] = time;
    data[at + 1] = value;
  },
  combine(data, at, from, first, rows, stride) {
    for (let i = 0, row = first; i < rows; i++, row += stride) {
      if (from[row]! < data[at]!) continue;
      data[at] = from[row]!;
      data[at + 1] = from[row + 1]!;
    }
  },
};

/** Column: start of the newest tile that holds an event. */
const recency: MeasureRules = { ...greatest, add: (data, at, _value, _time, tile) => void (data[at] = tile) };

/** Its values are text and lie beside the columns. */
const distinct: MeasureRules = { width: 0, clear: () => undefined, add: () => undefined, combine: () => undefined };

export const measures: Readonly<Record<MeasureKind, MeasureRules>> = { count, total, least, greatest, moments, last, recency, distinct };

function extreme(none: number, of: (a: number, b: number) => number): MeasureRules {
  return {
    width: 1,
    clear: (data, at) => void (data[at] = none),
    add: (data, at, value) => void (data[at] = of(data[at]!, value)),
    combine(data, at, from, first, rows, stride) {
      let best = data[at]!;
      for (let i = 0; i < rows; i++) best = of(best, from[first + i * stride]!);
      data[at] = best;
    },
  };
}
