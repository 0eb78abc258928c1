import { describe, expect, it } from '@jest/globals';
import { nextWeight } from './next-weight.ts';

describe('nextWeight', () => {
  it('walks the steps to the end', () => {
    const walked: number[] = [];
    for (let weight = nextWeight([5, 25, 75, 100], 0); weight !== undefined; weight = nextWeight([5, 25, 75, 100], weight)) walked.push(weight);
    expect(walked).toEqual([5, 25, 75, 100]);
  });

  it('goes on from a weight that is no step', () => expect(nextWeight([5, 25, 100], 10)).toBe(25));

  it.each([[[]], [[5, 25]], [[25, 5, 100]], [[5, 5, 100]], [[0, 100]], [[50, 100, 120]], [[NaN, 100]]])('refuses steps %j', (steps) => {
    expect(() => nextWeight(steps, 0)).toThrow('do not ascend to 100');
  });
});
