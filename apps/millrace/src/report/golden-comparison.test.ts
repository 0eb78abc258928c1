import { describe, expect, it } from '@jest/globals';
import { GoldenComparison } from './golden-comparison.ts';

const id = Buffer.alloc(16, 1);
const other = Buffer.alloc(16, 2);
const compare = (served: number[]): GoldenComparison => {
  const comparison = new GoldenComparison([{ id, vector: [0.1, 0.2, null] }], ['hour', 'share', 'mean'], [true, false, false]);
  comparison.add(other, [9, 9, 9]);
  comparison.add(id, served);
  return comparison;
};

describe('served vectors against reference vectors', () => {
  it('are equal as float32 where they are exact, within 1e-6 where they are not, missing where they are missing', () => {
    const { rows, differing } = compare([Math.fround(0.1), 0.2 * (1 + 9e-7), NaN]);
    expect({ rows, differing }).toEqual({ rows: 1, differing: 0 });
  });

  it.each([
    ['an exact value off by one bit', [Math.fround(0.1) + 2 ** -27, 0.2, NaN], 'hour'],
    ['a share off by more', [Math.fround(0.1), 0.2 * (1 + 2e-6), NaN], 'share'],
    ['a value where none is known', [Math.fround(0.1), 0.2, 0], 'mean'],
    ['a missing value where one is known', [Math.fround(0.1), NaN, NaN], 'share'],
    ['a vector of another length', [Math.fround(0.1), 0.2], 'hour'],
  ])('differ by %s', (_, served, feature) => {
    const { differing, examples } = compare(served);
    expect(differing).toBe(1);
    expect(examples[0]).toContain(feature);
  });
});
