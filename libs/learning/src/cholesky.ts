import { MillraceError } from '@millrace/contracts';

/**
 * Solves A x = b for a symmetric positive definite A by the Cholesky decomposition, A = L Lᵀ.
 * Source: Golub and Van Loan, "Matrix Computations", 4th edition, algorithm 4.2.1 (row by row).
 *
 * @param matrix row-major [n, n]; only the upper triangle is read, and it is overwritten
 * @param b length n, overwritten by the solution
 * @throws MillraceError NOT_POSITIVE_DEFINITE
 * @example
 * const x = Float64Array.of(2, 3);
 * solvePositiveDefinite(Float64Array.of(4, 0, 0, 9), x); // x is [0.5, 0.333…]
 */
export function solvePositiveDefinite(matrix: Float64Array, b: Float64Array): void {
  const n = b.length;
  // U = Lᵀ in the upper triangle.
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const u = matrix[k * n + i]!;
      if (u === 0) continue;
      for (let j = i; j < n; j++) matrix[i * n + j]! -= u * matrix[k * n + j]!;
    }
    const pivot = matrix[i * n + i]!;
    if (!(pivot > 0)) throw new MillraceError('NOT_POSITIVE_DEFINITE', `pivot ${i} is ${pivot}`, { hint: 'the columns are linearly dependent beyond what the penalty evens out: lower C or leave columns out' });
    const root = Math.sqrt(pivot);
    for (let j = i; j < n; j++) matrix[i * n + j]! /= root;
  }
  for (let i = 0; i < n; i++) {
    b[i]! /= matrix[i * n + i]!;
    for (let j = i + 1; j < n; j++) b[j]! -= matrix[i * n + j]! * b[i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i]! -= matrix[i * n + j]! * b[j]!;
    b[i]! /= matrix[i * n + i]!;
  }
}
