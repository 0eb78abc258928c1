/**
 * The value, or the bound that it passes.
 *
 * @example clamp(240, -60, 180) // 180
 */
export function clamp<T extends number | bigint>(value: T, low: T, high: T): T {
  return value < low ? low : value > high ? high : value;
}
