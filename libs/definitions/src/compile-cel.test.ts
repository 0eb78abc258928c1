import { describe, expect, it } from '@jest/globals';

import { compileCel } from './compile-cel.ts';

const fields = { amount: 'whole', price: 'real', name: 'text', at: 'instant', paid: 'flag' } as const;
const value = (source: string, event: Record<string, unknown>): number | string => compileCel(source, fields).evaluate(event);

describe('compileCel', () => {
  it('computes numbers, conditions as 1 and 0, and text', () => {
    expect(value('clamp(amount, -60, 180)', { amount: 240 })).toBe(180);
    expect(value('amount / 4', { amount: 7 })).toBe(1);
    expect(value('real(amount) / 4.0', { amount: 7n })).toBe(1.75);
    expect(value('amount > 15 && !paid', { amount: 16, paid: false })).toBe(1);
    expect(value('amount in [1, 2]', { amount: 3 })).toBe(0);
    expect(value('name + ">" + name', { name: 'ATL' })).toBe('ATL>ATL');
    expect(value('paid ? price : -price', { paid: false, price: 2.5 })).toBe(-2.5);
    expect(value('hourOfDay(at, "America/New_York")', { at: Date.UTC(2001, 0, 1, 12, 30) })).toBe(7.5);
    expect(value('at', { at: new Date(5) })).toBe(5);
  });

  it('throws where there is no value: a missing field, a wrong type, a division by zero, an unknown zone', () => {
    for (const [source, event] of [
      ['amount', {}],
      ['price', { price: '2' }],
      ['amount + 1', { amount: 1.5 }],
      ['1 / amount', { amount: 0 }],
      ['hourOfDay(at, name)', { at: 0, name: 'Nowhere' }],
    ] as const)
      expect(() => value(source, event)).toThrow();
  });

  it('says what it reads and whether time zones matter', () => {
    expect(compileCel('amount > 15 || amount < 3', fields)).toMatchObject({ kind: 'flag', reads: ['amount'], zoned: false });
    expect(compileCel('dayOfWeek(at, name)', fields)).toMatchObject({ kind: 'real', reads: ['at', 'name'], zoned: true });
  });
});
