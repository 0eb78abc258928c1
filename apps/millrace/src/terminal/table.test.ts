import { describe, expect, it } from '@jest/globals';
import { table } from './table.ts';

describe('a table', () => {
  it('aligns its columns, also where cells have colours', () => {
    const rows = [['name', 'lag'], ['\u001B[31mmonitor\u001B[39m', '7'], ['inference', '12,000']];
    expect(table(rows, [1])).toEqual(['name          lag', '\u001B[31mmonitor\u001B[39m         7', 'inference  12,000']);
  });
});
