/**
 * Arithmetic mean, summed from the first to the last in float64; NaN without values.
 *
 * @example meanOf([1, 2, 6]) // 3
 */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
