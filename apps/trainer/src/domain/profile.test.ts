import { describe, expect, it } from '@jest/globals';
import { profileOf } from './profile.ts';
import { quantiles } from './quantiles.ts';

describe('quantiles', () => {
  it('lie between the nearest two values, as in NumPy', () => {
    expect(quantiles(Float64Array.of(4, 1, 3, 2), [0, 0.25, 0.5, 1])).toEqual([1, 1.75, 2.5, 4]);
    expect(quantiles(Float64Array.of(7), [0, 0.3, 1])).toEqual([7, 7, 7]);
    expect(quantiles(new Float64Array(), [0.5])).toEqual([NaN]);
  });
});

describe('the profile', () => {
  it('tells how each column was distributed and how much of it was missing', () => {
    const training = { rows: 4, width: 2, features: Float32Array.of(1, NaN, 2, NaN, 3, NaN, NaN, NaN), labels: new Uint8Array(4) };
    const { rows, features: [first, second], score } = profileOf(['a', 'b'], training, Float32Array.of(0.5, 0.25));
    expect(rows).toBe(4);
    expect(first).toMatchObject({ name: 'a', missing: 0.25, mean: 2, quantiles: { 0: 1, 0.5: 2, 1: 3 } });
    expect(first!.standardDeviation).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(second).toMatchObject({ name: 'b', missing: 1, mean: null, standardDeviation: null, quantiles: { 0.5: null } });
    expect(score).toMatchObject({ mean: 0.375, quantiles: { 0: 0.25, 1: 0.5 } });
  });
});
