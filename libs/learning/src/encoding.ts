/** How one column is encoded; what is not named is numeric. */
export type ColumnEncoding =
  | { readonly kind: 'cyclic'; readonly period: number; readonly harmonics: number }
  | { readonly kind: 'one-hot'; readonly size: number };

/** Filled with the mean, standardised; `index` counts the features as served. */
export interface NumericColumn {
  readonly index: number;
  readonly mean: number;
  /** Population standard deviation of the filled column; 0 makes the encoded column 0. */
  readonly deviation: number;
  /** Whether training had missing values here: then a column of 0 and 1 says where. */
  readonly indicator: boolean;
}

/** sin and cos of 2π · k · x / period for k = 1 … harmonics. */
export interface CyclicColumn {
  readonly index: number;
  readonly period: number;
  readonly harmonics: number;
}

/** One column per category 1 … size − 1; category 0 is all zeros. */
export interface OneHotColumn {
  readonly index: number;
  readonly size: number;
}

/**
 * What training learnt about the columns; plain JSON. The encoded columns are, in this order: the numeric ones, sin and cos of the
 * cyclic ones (sin 1, cos 1, sin 2, …), the one-hot ones, the indicators of missing values; within a kind in the order of the features.
 * A missing value (NaN or infinite) is the mean of a numeric column, and 0 in every column of a cyclic or one-hot one.
 */
export interface Encoding {
  /** Features as served, in order. */
  readonly names: readonly string[];
  readonly numeric: readonly NumericColumn[];
  readonly cyclic: readonly CyclicColumn[];
  readonly oneHot: readonly OneHotColumn[];
  /** Names of the encoded columns. */
  readonly columns: readonly string[];
}
