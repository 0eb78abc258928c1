import { describe, expect, it } from '@jest/globals';
import { backOffMs, youngAfter } from './back-off.ts';

describe('the pause before a restart', () => {
  it('doubles while a process keeps dying young, up to 5 s', () => {
    let young = 0;
    const pauses = Array.from({ length: 8 }, () => backOffMs((young = youngAfter(young, 50))));
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('is short again after a long life', () => expect(backOffMs(youngAfter(6, 20_000))).toBe(100));
});
