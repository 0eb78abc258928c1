import { MillraceError } from '@millrace/contracts';
import { solvePositiveDefinite } from './cholesky.ts';
import { sigmoid, softplus } from './logistic-function.ts';

export interface LogisticOptions {
  /** Inverse strength of the penalty: the objective is Σ log loss + |w|² / (2 C). */
  readonly C: number;
  /** Ends when the gradient of the objective per row is at most this long. Default 1e-12. */
  readonly tolerance?: number;
  /** Default 100; some ten are usual. */
  readonly maxIterations?: number;
}

export interface LogisticModel {
  /** One per encoded column. */
  readonly coefficients: Float64Array;
  /** Not penalised. */
  readonly intercept: number;
  readonly iterations: number;
  /** Length of the gradient of the objective, per row. */
  readonly gradientNorm: number;
}

/**
 * Logistic regression with an L2 penalty: Newton's method with Cholesky and step halving (Armijo), in float64 and in a fixed order of
 * summation. The objective is strictly convex in the coefficients, so the answer does not depend on a start or a seed.
 * Source: iteratively reweighted least squares, Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd edition,
 * section 4.4.1; objective and results as scikit-learn's `LogisticRegression(solver='newton-cholesky')`.
 *
 * @param X row-major [y.length, columns], finite; columns of similar scale (see `applyEncoding`)
 * @param y 0 or 1
 * @throws MillraceError SHAPE_MISMATCH, LABEL_NOT_BINARY, ONE_CLASS, NOT_FINITE, BAD_OPTION, NOT_CONVERGED
 * @example
 * const { coefficients, intercept } = fitLogistic(Float64Array.of(-1, 1, 2), Uint8Array.of(0, 1, 1), { C: 1 });
 */
export function fitLogistic(X: Float64Array, y: Uint8Array, { C, tolerance = 1e-12, maxIterations = 100 }: LogisticOptions): LogisticModel {
  const n = y.length;
  const columns = checkedWidth(X, y);
  if (!(C > 0 && Number.isFinite(C))) throw new MillraceError('BAD_OPTION', `C is ${C}`, { hint: 'C is a positive number; a smaller one penalises more' });
  if (!(tolerance > 0)) throw new MillraceError('BAD_OPTION', `tolerance is ${tolerance}`, { hint: 'tolerance is a positive number' });

  // The last place is the intercept.
  let weights = new Float64Array(columns + 1);
  let margins = new Float64Array(n);
  let objective = objectiveOf(margins, weights, y, C);
  for (let iterations = 0; ; iterations++) {
    const { gradient, hessian } = derivatives(X, y, margins, weights, C);
    const gradientNorm = Math.hypot(...gradient) / n;
    if (gradientNorm <= tolerance) return { coefficients: weights.slice(0, columns), intercept: weights[columns]!, iterations, gradientNorm };
    if (iterations >= maxIterations) throw notConverged(iterations, gradientNorm);

    const step = gradient.map((g) => -g);
    solvePositiveDefinite(hessian, step);
    const change = marginsOf(X, step, n);
    let slope = 0;
    for (let j = 0; j <= columns; j++) slope += gradient[j]! * step[j]!;
    // Next to the optimum the objective cannot fall by more than its own rounding.
    const slack = 1e-13 * Math.abs(objective);
    for (let share = 1; ; share /= 2) {
      if (share < 1e-12) throw notConverged(iterations, gradientNorm);
      const nextWeights = weights.map((w, j) => w + share * step[j]!);
      const nextMargins = margins.map((m, i) => m + share * change[i]!);
      const next = objectiveOf(nextMargins, nextWeights, y, C);
      if (!(next <= objective + 1e-4 * share * slope + slack)) continue;
      [weights, margins, objective] = [nextWeights, nextMargins, next];
      break;
    }
  }
}

function checkedWidth(X: Float64Array, y: Uint8Array): number {
  const columns = X.length / y.length;
  if (!Number.isInteger(columns) || columns === 0)
    throw new MillraceError('SHAPE_MISMATCH', `${X.length} values for ${y.length} labels are no table`, { hint: 'pass X row-major, [labels, columns]' });
  let ones = 0;
  for (const label of y) {
    if (label > 1) throw new MillraceError('LABEL_NOT_BINARY', `label ${label} is neither 0 nor 1`, { hint: 'leave out rows whose label is unknown' });
    ones += label;
  }
  if (ones === 0 || ones === y.length) throw new MillraceError('ONE_CLASS', `all ${y.length} labels are ${ones === 0 ? 0 : 1}`, { hint: 'wait for labels of both classes' });
  const bad = X.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new MillraceError('NOT_FINITE', `row ${Math.floor(bad / columns)}, column ${bad % columns} is ${X[bad]}`, { hint: 'encode missing values first' });
  return columns;
}

function objectiveOf(margins: Float64Array, weights: Float64Array, y: Uint8Array, C: number): number {
  let losses = 0;
  for (let i = 0; i < y.length; i++) losses += softplus(y[i] === 1 ? -margins[i]! : margins[i]!);
  let squares = 0;
  for (let j = 0; j < weights.length - 1; j++) squares += weights[j]! * weights[j]!;
  return losses + squares / (2 * C);
}

function marginsOf(X: Float64Array, weights: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const columns = weights.length - 1;
  const margins = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = weights[columns]!;
    for (let j = 0; j < columns; j++) sum += X[at++]! * weights[j]!;
    margins[i] = sum;
  }
  return margins;
}

/** Gradient and the upper triangle of the Hessian. */
function derivatives(X: Float64Array, y: Uint8Array, margins: Float64Array, weights: Float64Array, C: number) {
  const columns = weights.length - 1;
  const size = columns + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  for (let i = 0, row = 0; i < y.length; i++, row += columns) {
    const p = sigmoid(margins[i]!);
    const residual = p - y[i]!;
    // Far out p (1 − p) underflows to 0; a floor keeps the Hessian positive definite and the step a descent.
    const weight = Math.max(p * (1 - p), 1e-12);
    for (let j = 0; j < columns; j++) {
      const x = X[row + j]!;
      if (x === 0) continue;
      gradient[j]! += residual * x;
      const scaled = weight * x;
      const line = j * size;
      for (let k = j; k < columns; k++) hessian[line + k]! += scaled * X[row + k]!;
      hessian[line + columns]! += scaled;
    }
    gradient[columns]! += residual;
    hessian[size * size - 1]! += weight;
  }
  for (let j = 0; j < columns; j++) {
    gradient[j]! += weights[j]! / C;
    hessian[j * size + j]! += 1 / C;
  }
  return { gradient, hessian };
}

function notConverged(iterations: number, gradientNorm: number): MillraceError {
  return new MillraceError('NOT_CONVERGED', `logistic regression stopped after ${iterations} iterations with a gradient of ${gradientNorm.toExponential(2)} per row`, {
    hint: 'standardise the columns, or lower C',
  });
}
