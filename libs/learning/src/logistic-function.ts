/** 1 / (1 + e⁻ˣ), without overflow. @example sigmoid(0) // 0.5 */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + eˣ), without overflow and without loss of small values. @example softplus(0) // 0.6931… */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
