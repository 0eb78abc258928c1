import { describe, expect, it } from '@jest/globals';
import { OffsetBounds } from './offset-bounds.ts';

const judged = (timestamps: readonly number[], from: number, to: number): OffsetBounds => {
  const bounds = new OffsetBounds({ from, to });
  timestamps.forEach((timestamp, i) => bounds.take(i * 10, timestamp));
  return bounds;
};

describe('offsets within bounds of time', () => {
  it('are those between the last record before and the first record behind', () => {
    const bounds = judged([1, 5, 6, 9], 5, 6);
    expect([0, 1, 10, 20, 29, 30].map((offset) => bounds.has(offset))).toEqual([false, true, true, true, true, false]);
    expect(bounds.overlaps(0, 1)).toBe(true);
    expect(bounds.overlaps(30, 99)).toBe(false);
  });

  it('are all of them where nothing limits them', () => {
    expect(judged([1, 5], -Infinity, Infinity).has(1_000_000)).toBe(true);
    expect(judged([1, 5], 0, 5).has(11)).toBe(true);
  });

  it('are none where all lies before or behind', () => {
    expect(judged([1, 2], 5, 6).overlaps(0, 10)).toBe(false);
    expect(judged([7, 8], 5, 6).overlaps(0, 10)).toBe(false);
    expect(judged([0, 9], 5, 6).overlaps(-5, 3)).toBe(true);
  });
});
