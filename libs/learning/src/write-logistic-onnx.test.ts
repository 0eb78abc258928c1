import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ColumnEncoding } from './encoding.ts';
import { fitEncoding } from './fit-encoding.ts';
import { scoreLogistic } from './score-logistic.ts';
import { writeLogisticOnnx } from './write-logistic-onnx.ts';

const script = fileURLToPath(new URL('../fixtures/score-with-onnxruntime.mjs', import.meta.url));

/** Scores by the real onnxruntime, in batches. */
function runtimeScores(model: Uint8Array, features: Float32Array, width: number, batch: number): Float32Array {
  const input = JSON.stringify({ model: Buffer.from(model).toString('base64'), features: Buffer.from(features.buffer).toString('base64'), width, batch });
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  const bytes = Buffer.from(stdout, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

interface Feature {
  name: string;
  draw: (next: () => number) => number;
  how?: ColumnEncoding;
}
const wide: Feature[] = [
  { name: 'hour', draw: (next) => Math.floor(next() * 1440) / 60, how: { kind: 'cyclic', period: 24, harmonics: 2 } },
  { name: 'share', draw: (next) => (next() < 0.3 ? NaN : next()) },
  { name: 'day', draw: (next) => (next() < 0.05 ? NaN : Math.floor(next() * 7)), how: { kind: 'one-hot', size: 7 } },
  { name: 'distance', draw: (next) => Math.floor(next() * 3000) },
  { name: 'farFromZero', draw: (next) => 2_000_000 + Math.floor(next() * 8) },
  { name: 'minuteOfYear', draw: (next) => (next() < 0.1 ? NaN : Math.floor(next() * 525_600) - 1000), how: { kind: 'cyclic', period: 1440, harmonics: 3 } },
  { name: 'constant', draw: () => 0.1 },
  { name: 'neverSeen', draw: () => NaN },
  { name: 'sometimesInfinite', draw: (next) => (next() < 0.1 ? (next() < 0.5 ? Infinity : -Infinity) : next() * 100 - 50) },
];

function world(features: Feature[], rows: number, seed: number) {
  const next = uniform(seed);
  const values = Float32Array.from({ length: rows * features.length }, (_, i) => features[i % features.length]!.draw(next));
  const names = features.map(({ name }) => name);
  const encoding = fitEncoding(values, rows, names, Object.fromEntries(features.flatMap(({ name, how }) => (how ? [[name, how]] : []))));
  const model = { coefficients: Float64Array.from(encoding.columns, () => next() * 2 - 1), intercept: -0.7 };
  return { values, rows, names, encoding, model, bytes: writeLogisticOnnx(encoding, model, names) };
}

describe('writeLogisticOnnx', () => {
  const { values, rows, names, encoding, model, bytes } = world(wide, 3000, 11);
  const scores = runtimeScores(bytes, values, names.length, rows);

  it('scores rows with missing values as the float64 model does, rounded to float32', () => {
    const want = scoreLogistic(encoding, model, values, rows);
    expect(Math.max(...want.map((score, i) => Math.abs(score - scores[i]!)))).toBeLessThan(1e-7);
    expect(new Set(scores).size).toBeGreaterThan(rows / 2);
  });

  it('scores a row alone as in any batch, bit for bit', () => {
    for (const batch of [1, 7]) expect(runtimeScores(bytes, values.slice(0, 400 * names.length), names.length, batch)).toEqual(scores.slice(0, 400));
  });

  it('scores values that training did not see', () => {
    const odd = Float32Array.from(names.flatMap((_, j) => names.map((__, k) => (j === k ? NaN : 1e6))));
    const want = scoreLogistic(encoding, model, odd, names.length);
    runtimeScores(bytes, odd, names.length, names.length).forEach((score, i) => expect(Math.abs(score - want[i]!)).toBeLessThan(1e-7));
  });

  it.each([
    ['one numeric column', [wide[3]!]],
    ['one column with missing values', [wide[1]!]],
    ['cyclic alone', [wide[0]!]],
    ['one-hot alone', [wide[2]!]],
  ])('writes a model of %s', (_, features) => {
    const small = world(features, 50, 3);
    const want = scoreLogistic(small.encoding, small.model, small.values, 50);
    const got = runtimeScores(small.bytes, small.values, 1, 50);
    expect(Math.max(...want.map((score, i) => Math.abs(score - got[i]!)))).toBeLessThan(1e-7);
  });

  it('gives the same bytes for the same model, on any machine', () => {
    expect(writeLogisticOnnx(encoding, model, names)).toEqual(bytes);
    const encodingOf = fitEncoding(Float32Array.of(1, 2, NaN, 4), 2, ['a', 'b'], {});
    const small = writeLogisticOnnx(encodingOf, { coefficients: Float64Array.of(0.5, -1, 2), intercept: 0.25 }, ['a', 'b']);
    expect(createHash('sha256').update(small).digest('hex')).toBe('3325a1d6f73a5aba6b6979dfd4c40fa44b307c5986c68a471191f2048ea0309b');
  });

  it('refuses a model that does not fit, or is not finite', () => {
    expect(() => writeLogisticOnnx(encoding, { coefficients: new Float64Array(3), intercept: 0 }, names)).toThrow('3 coefficients');
    expect(() => writeLogisticOnnx(encoding, model, [...names].reverse())).toThrow('does not fit');
    expect(() => writeLogisticOnnx(encoding, { ...model, intercept: NaN }, names)).toThrow('constant NaN');
  });
});
