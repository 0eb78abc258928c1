import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { applyEncoding } from './apply-encoding.ts';
import { solvePositiveDefinite } from './cholesky.ts';
import { evaluate } from './evaluate.ts';
import { fitLogistic } from './fit-logistic.ts';
import { sigmoid, softplus } from './logistic-function.ts';

const table = JSON.parse(readFileSync(new URL('../fixtures/breast-cancer.json', import.meta.url), 'utf8')) as {
  columns: string[];
  X: number[][];
  y: number[];
  test: number[];
  references: { C: number; coefficients: number[]; intercept: number; testLogLoss: number; testAccuracy: number }[];
};
const width = table.columns.length;
const inTest = new Set(table.test);
const rowsOf = (test: boolean) => table.X.flatMap((row, i) => (inTest.has(i) === test ? [{ row, label: table.y[i]! }] : []));

/** Columns standardised in float64 as the references did; `fitEncoding` starts from float32. */
function scaled(test: boolean): { X: Float64Array; y: Uint8Array } {
  const training = rowsOf(false);
  const mean = (j: number) => training.reduce((sum, { row }) => sum + row[j]!, 0) / training.length;
  const means = table.columns.map((_, j) => mean(j));
  const deviations = means.map((m, j) => Math.sqrt(training.reduce((sum, { row }) => sum + (row[j]! - m) ** 2, 0) / training.length));
  const rows = rowsOf(test);
  return { X: Float64Array.from(rows.flatMap(({ row }) => row.map((x, j) => (x - means[j]!) / deviations[j]!))), y: Uint8Array.from(rows, ({ label }) => label) };
}

describe('fitLogistic', () => {
  it.each(table.references)('equals scikit-learn on breast cancer, C = $C', ({ C, coefficients, intercept, testLogLoss, testAccuracy }) => {
    const { X, y } = scaled(false);
    const model = fitLogistic(X, y, { C });
    for (let j = 0; j < width; j++) expect(Math.abs(model.coefficients[j]! - coefficients[j]!)).toBeLessThan(1e-6);
    expect(Math.abs(model.intercept - intercept)).toBeLessThan(1e-6);
    expect(model.iterations).toBeLessThan(20);

    const test = scaled(true);
    const scores = Array.from(test.y, (_, i) => sigmoid(model.intercept + model.coefficients.reduce((sum, w, j) => sum + w * test.X[i * width + j]!, 0)));
    const figures = evaluate(test.y, scores);
    expect(figures.logLoss).toBeCloseTo(testLogLoss, 7);
    expect(figures.accuracy).toBeCloseTo(testAccuracy, 12);
  });

  it('gives the same bits for the same rows', () => {
    const { X, y } = scaled(false);
    expect(fitLogistic(X.slice(), y.slice(), { C: 1 })).toEqual(fitLogistic(X, y, { C: 1 }));
  });

  it('stays finite on classes that a line separates, whose margins grow far out', () => {
    const X = Float64Array.of(-1e3, -1, 1, 1e3);
    const { coefficients, gradientNorm } = fitLogistic(X, Uint8Array.of(0, 0, 1, 1), { C: 1e6 });
    expect(coefficients[0]).toBeGreaterThan(5);
    expect(gradientNorm).toBeLessThan(1e-11);
  });

  it('gives equal columns equal weight', () => {
    const { coefficients } = fitLogistic(Float64Array.of(-1, -1, 0, 0, 2, 2, 1, 1), Uint8Array.of(0, 1, 1, 0), { C: 1 });
    expect(coefficients[0]).toBeCloseTo(coefficients[1]!, 12);
  });

  it('says why it cannot fit', () => {
    const X = Float64Array.of(1, 2);
    expect(() => fitLogistic(X, Uint8Array.of(1, 1), { C: 1 })).toThrow('all 2 labels are 1');
    expect(() => fitLogistic(X, Uint8Array.of(0, 2), { C: 1 })).toThrow('label 2 is neither 0 nor 1');
    expect(() => fitLogistic(X, new Uint8Array(), { C: 1 })).toThrow('2 values for 0 labels');
    expect(() => fitLogistic(X, Uint8Array.of(0, 1, 1), { C: 1 })).toThrow('2 values for 3 labels');
    expect(() => fitLogistic(Float64Array.of(1, NaN), Uint8Array.of(0, 1), { C: 1 })).toThrow('row 1, column 0 is NaN');
    expect(() => fitLogistic(X, Uint8Array.of(0, 1), { C: 0 })).toThrow('C is 0');
    expect(() => fitLogistic(scaled(false).X, scaled(false).y, { C: 1, maxIterations: 2 })).toThrow('stopped after 2 iterations');
  });

  it('is quick enough for a training in a job: 60,000 rows of 30 columns', () => {
    const n = 60_000;
    let state = 1;
    const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const features = Float32Array.from({ length: n * 30 }, () => next() * 2 - 1);
    const names = Array.from({ length: 30 }, (_, j) => `x${j}`);
    const y = Uint8Array.from({ length: n }, (_, i) => (next() < sigmoid(features[i * 30]! - 1) ? 1 : 0));
    const columns = names.map((_, index) => ({ index, mean: 0, deviation: 1, indicator: false }));
    const X = applyEncoding({ names, numeric: columns, cyclic: [], oneHot: [], columns: names }, features, n);
    const before = performance.now();
    const model = fitLogistic(X, y, { C: 1 });
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(model.coefficients[0]).toBeGreaterThan(0.9);
  });
});

describe('functions under it', () => {
  it('do not overflow', () => {
    expect([sigmoid(800), sigmoid(-800), softplus(800), softplus(-800)]).toEqual([1, 0, 800, 0]);
    expect(softplus(-40)).toBeCloseTo(Math.exp(-40), 30);
  });

  it('solve a positive definite system and refuse another', () => {
    const b = Float64Array.of(8, 7, 12);
    solvePositiveDefinite(Float64Array.of(4, 2, 0, 0, 3, 1, 0, 0, 5), b);
    [4 * b[0]! + 2 * b[1]!, 2 * b[0]! + 3 * b[1]! + b[2]!, b[1]! + 5 * b[2]!].forEach((x, i) => expect(x).toBeCloseTo([8, 7, 12][i]!, 12));
    expect(() => solvePositiveDefinite(Float64Array.of(1, 2, 0, 1), Float64Array.of(1, 1))).toThrow('pivot 1 is -3');
  });
});
