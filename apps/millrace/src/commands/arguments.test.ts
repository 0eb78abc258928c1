import { describe, expect, it } from '@jest/globals';
import { parseCount, parseDay, parseSpeed } from './arguments.ts';
import { daysFault } from './flights-options.ts';

describe('arguments of commands', () => {
  it('take a day as its UTC midnight', () => expect(parseDay('2001-01-21')).toBe(Date.UTC(2001, 0, 21)));

  it.each(['2001-02-30', '2001-1-2', '21.1.2001', '', '2001-01-21T00:00Z'])('refuse %j as a day', (text) => expect(() => parseDay(text)).toThrow('a day is expected'));

  it.each(['2000-12-31', '2001-07-01'])('refuse %s: no flights were recorded', (text) => expect(() => parseDay(text)).toThrow('2001-01-01 to 2001-06-30'));

  it('take seconds per day, or max', () => {
    expect(parseSpeed('5')).toBe(5_000);
    expect(parseSpeed('0.5')).toBe(500);
    expect(parseSpeed('max')).toBe(0);
  });

  it.each(['0', '-1', 'fast', '', ' ', 'Infinity', '90000'])('refuse %j as a speed', (text) => expect(() => parseSpeed(text)).toThrow("or 'max'"));

  it('take whole counts only', () => {
    expect(parseCount('3')).toBe(3);
    for (const text of ['0', '1.5', '-2', 'x', '']) expect(() => parseCount(text)).toThrow('whole number');
  });

  it('refuse days in the wrong order', () => {
    expect(daysFault({ from: parseDay('2001-01-03'), to: parseDay('2001-01-03') })).toBeUndefined();
    expect(daysFault({ from: parseDay('2001-01-03'), to: parseDay('2001-01-02') })).toContain('after');
  });
});
