/**
 * Quantiles by linear interpolation between the two nearest values.
 * Source: type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996; NumPy's default.
 *
 * @param values without NaN, in any order
 * @param shares each in [0, 1]
 * @returns one per share; NaN without values
 * @example quantiles(Float64Array.of(4, 1, 3, 2), [0, 0.5, 1]) // [1, 2.5, 4]
 */
export function quantiles(values: Float64Array, shares: readonly number[]): number[] {
  const sorted = values.slice().sort();
  return shares.map((share) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? NaN;
    const above = sorted[Math.ceil(place)] ?? NaN;
    return below + (place - Math.floor(place)) * (above - below);
  });
}
