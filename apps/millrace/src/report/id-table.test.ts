import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { IdTable } from './id-table.ts';

const idOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest().subarray(0, 16);

describe('the table of ids', () => {
  it('numbers ids in the order in which they come, also when it has grown', () => {
    const table = new IdTable();
    for (let n = 0; n < 10_000; n++) expect(table.number(idOf(n))).toBe(n);
    for (let n = 0; n < 10_000; n += 7) expect(table.number(idOf(n))).toBe(n);
    expect([table.size, table.find(idOf(9_999)), table.find(idOf(10_000))]).toEqual([10_000, 9_999, -1]);
  });

  it('tells ids apart that differ in one bit only', () => {
    const [a, b] = [Buffer.alloc(16), Buffer.alloc(16)];
    b[15] = 1;
    const table = new IdTable();
    expect([table.number(a), table.number(b), table.number(a)]).toEqual([0, 1, 0]);
  });
});
