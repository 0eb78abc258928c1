import type { Encoding } from './encoding.ts';
import { checkShape } from './fit-encoding.ts';

/**
 * Encodes rows as {@link Encoding} says.
 *
 * @param features row-major [n, encoding.names.length]; NaN or infinite = missing
 * @returns row-major [n, encoding.columns.length], finite everywhere
 * @throws MillraceError SHAPE_MISMATCH
 * @example applyEncoding(fitEncoding(features, n, names, {}), features, n)
 */
export function applyEncoding(encoding: Encoding, features: Float32Array, n: number): Float64Array {
  const { numeric, cyclic, oneHot, names, columns } = encoding;
  checkShape(features, n, names.length);
  const encoded = new Float64Array(n * columns.length);
  for (let row = 0; row < n; row++) {
    const from = row * names.length;
    let to = row * columns.length;
    for (const { index, mean, deviation } of numeric) {
      const x = features[from + index]!;
      encoded[to++] = deviation === 0 || !Number.isFinite(x) ? 0 : (x - mean) / deviation;
    }
    for (const { index, period, harmonics } of cyclic) {
      const x = features[from + index]!;
      const angle = ((x % period) * 2 * Math.PI) / period;
      for (let k = 1; k <= harmonics; k++) {
        encoded[to++] = Number.isFinite(x) ? Math.sin(k * angle) : 0;
        encoded[to++] = Number.isFinite(x) ? Math.cos(k * angle) : 0;
      }
    }
    for (const { index, size } of oneHot) {
      const x = features[from + index]!;
      for (let category = 1; category < size; category++) encoded[to++] = x === category ? 1 : 0;
    }
    for (const { index, indicator } of numeric) if (indicator) encoded[to++] = Number.isFinite(features[from + index]!) ? 0 : 1;
  }
  return encoded;
}
