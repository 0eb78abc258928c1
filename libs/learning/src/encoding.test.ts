import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { applyEncoding } from './apply-encoding.ts';
import type { ColumnEncoding } from './encoding.ts';
import { fitEncoding } from './fit-encoding.ts';
import { fitLogistic } from './fit-logistic.ts';
import { scoreLogistic } from './score-logistic.ts';

type Rows = (number | null)[][];
const golden = JSON.parse(readFileSync(new URL('../fixtures/flights-encoding.json', import.meta.url), 'utf8')) as {
  names: string[];
  labels: number[];
  coefficients: number[];
  intercept: number;
  scores: number[];
  train: Rows;
  rows: Rows;
  encodedTrainHead: number[][];
  encoded: number[][];
};
const flat = (rows: Rows) => Float32Array.from(rows.flat(), (x) => x ?? NaN);
const encode: Record<string, ColumnEncoding> = { hourOfDay: { kind: 'cyclic', period: 24, harmonics: 2 }, dayOfWeek: { kind: 'one-hot', size: 7 } };
const largest = (got: ArrayLike<number>, want: number[]) => {
  expect(got.length).toBe(want.length);
  return Math.max(...want.map((x, i) => Math.abs(x - got[i]!)));
};

describe('encoding of flights', () => {
  const encoding = fitEncoding(flat(golden.train), golden.train.length, golden.names, encode);

  it('equals the reference on the rows it was learnt from and on later ones', () => {
    expect(largest(applyEncoding(encoding, flat(golden.train.slice(0, 10)), 10), golden.encodedTrainHead.flat())).toBeLessThan(1e-12);
    expect(largest(applyEncoding(encoding, flat(golden.rows), golden.rows.length), golden.encoded.flat())).toBeLessThan(1e-12);
  });

  it('leads to the coefficients and scores of scikit-learn', () => {
    const X = applyEncoding(encoding, flat(golden.train), golden.train.length);
    const model = fitLogistic(X, Uint8Array.from(golden.labels), { C: 1 });
    expect(largest(model.coefficients, golden.coefficients)).toBeLessThan(1e-6);
    expect(largest(scoreLogistic(encoding, model, flat(golden.rows), golden.rows.length), golden.scores)).toBeLessThan(1e-6);
  });

  it('names its columns in order', () => {
    expect(encoding.columns.slice(0, 2)).toEqual(['minuteOfHour', 'distance']);
    expect(encoding.columns.slice(13, 18)).toEqual(['sin 1 hourOfDay', 'cos 1 hourOfDay', 'sin 2 hourOfDay', 'cos 2 hourOfDay', 'dayOfWeek = 1']);
    expect(encoding.columns[23]).toBe('missing originMeanDelay60m');
    expect(encoding.columns).toHaveLength(golden.coefficients.length);
  });

  it('comes back from JSON', () => {
    expect(JSON.parse(JSON.stringify(encoding))).toEqual(encoding);
  });
});

describe('encoding of odd columns', () => {
  const encoded = (values: number[], served: number, how?: ColumnEncoding) => {
    const encoding = fitEncoding(Float32Array.from(values), values.length, ['x'], how ? { x: how } : {});
    return [...applyEncoding(encoding, Float32Array.of(served), 1)];
  };

  it('makes a constant column 0, whatever is served', () => {
    expect(encoded([0.1, 0.1, 0.1], 5)).toEqual([0]);
    expect(encoded([0.1, NaN, 0.1], 5)).toEqual([0, 0]);
  });

  it('makes a column that training never saw 0, with its indicator', () => {
    expect(encoded([NaN, NaN], 5)).toEqual([0, 0]);
    expect(encoded([NaN, NaN], NaN)).toEqual([0, 1]);
  });

  it('takes infinite for missing', () => {
    expect(encoded([1, 3, -Infinity], Infinity)).toEqual([0, 1]);
    expect(encoded([1, 3], Infinity)).toEqual([0]);
  });

  it('makes missing, unknown and first categories all zeros', () => {
    for (const served of [NaN, 0, 3, 1.5, -1]) expect(encoded([0, 1], served, { kind: 'one-hot', size: 3 })).toEqual([0, 0]);
    expect(encoded([0, 1], 2, { kind: 'one-hot', size: 3 })).toEqual([0, 1]);
  });

  it('meets itself after a whole period', () => {
    const at = (x: number) => encoded([0], x, { kind: 'cyclic', period: 24, harmonics: 2 });
    expect(at(30)).toEqual(at(6));
    expect(at(NaN)).toEqual([0, 0, 0, 0]);
  });

  it('refuses what it cannot encode', () => {
    const fit = (how: Record<string, ColumnEncoding>) => () => fitEncoding(Float32Array.of(1, 2), 2, ['x'], how);
    expect(fit({ y: { kind: 'one-hot', size: 3 } })).toThrow('encoding names feature y');
    expect(fit({ x: { kind: 'one-hot', size: 1 } })).toThrow('one-hot encoding of x has size 1');
    expect(fit({ x: { kind: 'cyclic', period: 0, harmonics: 1 } })).toThrow('period 0');
    expect(() => fitEncoding(Float32Array.of(1, 2, 3), 2, ['x', 'y'], {})).toThrow('3 values are not 2 rows of 2 features');
    expect(() => fitEncoding(new Float32Array(), 0, ['x'], {})).toThrow('no rows');
  });
});
