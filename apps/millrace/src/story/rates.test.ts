import { describe, expect, it } from '@jest/globals';
import { Rates } from './rates.ts';

describe('rates', () => {
  it('are those of the last seconds', () => {
    const rates = new Rates(2_000);
    rates.add(0, new Map([['events', 0]]));
    expect(rates.of('events')).toBe(0);
    rates.add(1_000, new Map([['events', 9_000]]));
    expect(rates.of('events')).toBe(9_000);
    for (const second of [2, 3, 4]) rates.add(second * 1_000, new Map([['events', 9_000 + (second - 1) * 100]]));
    expect(rates.of('events')).toBe(100);
  });
});
