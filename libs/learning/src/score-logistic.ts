import { MillraceError } from '@millrace/contracts';
import { applyEncoding } from './apply-encoding.ts';
import type { Encoding } from './encoding.ts';
import type { LogisticModel } from './fit-logistic.ts';
import { sigmoid } from './logistic-function.ts';

/**
 * Scores rows by a logistic model in float64: what its ONNX file answers in float32.
 *
 * @param features row-major [n, encoding.names.length] as served, NaN = missing
 * @returns probability of label 1, one per row
 * @throws MillraceError SHAPE_MISMATCH
 * @example scoreLogistic(encoding, fitLogistic(applyEncoding(encoding, features, n), labels, { C: 1 }), features, n)
 */
export function scoreLogistic(encoding: Encoding, model: Pick<LogisticModel, 'coefficients' | 'intercept'>, features: Float32Array, n: number): Float64Array {
  const width = encoding.columns.length;
  if (model.coefficients.length !== width)
    throw new MillraceError('SHAPE_MISMATCH', `${model.coefficients.length} coefficients for ${width} encoded columns`, { hint: 'use the encoding that the model was trained with' });
  const encoded = applyEncoding(encoding, features, n);
  const scores = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let margin = model.intercept;
    for (let j = 0; j < width; j++) margin += encoded[row * width + j]! * model.coefficients[j]!;
    scores[row] = sigmoid(margin);
  }
  return scores;
}
