import { describe, expect, it } from '@jest/globals';
import { splitNewest } from './split-newest.ts';

describe('splitNewest', () => {
  it('holds the newest back, whatever the order of the rows', () => {
    expect(splitNewest([30, 10, 50, 20, 40], ['a', 'b', 'c', 'd', 'e'], 0.4)).toEqual({ training: Uint32Array.of(1, 3, 0), holdout: Uint32Array.of(4, 2) });
  });

  it('orders one time by id, so that a split in the middle of it is the same everywhere', () => {
    const times = [5, 5, 5, 5];
    expect(splitNewest(times, ['d', 'b', 'a', 'c'], 0.5)).toEqual({ training: Uint32Array.of(2, 1), holdout: Uint32Array.of(3, 0) });
  });

  it('sizes the holdout by floor, not by the rounding of float64', () => {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => i);
    expect(splitNewest(rows(100), rows(100).map(String), 0.29).holdout).toHaveLength(29);
    expect(splitNewest(rows(104_306), rows(104_306).map(String), 0.2).holdout).toHaveLength(20_861);
  });

  it('refuses what it cannot split', () => {
    expect(() => splitNewest([1, 2], ['a'], 0.5)).toThrow('2 event times but 1 ids');
    expect(() => splitNewest([1, 2], ['a', 'b'], 1)).toThrow('holdout share is 1');
    expect(() => splitNewest([1, 2], ['a', 'b'], 0.2)).toThrow('2 rows cannot be split');
    expect(() => splitNewest([1, NaN], ['a', 'b'], 0.5)).toThrow('event time of row 1 is NaN');
  });
});
