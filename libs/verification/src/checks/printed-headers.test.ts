import { describe, expect, it } from '@jest/globals';
import { isPrinted } from './printed-headers.ts';

const headers = (of: Record<string, string>): Record<string, Buffer> => Object.fromEntries(Object.entries(of).map(([name, text]) => [name, Buffer.from(text)]));
const holds = (printed: string, of: Record<string, string>): boolean => isPrinted(Buffer.from(printed), headers(of));

describe('isPrinted', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['a=1,b=2', { a: '1', b: '2' }],
    ['b=2,a=1', { a: '1', b: '2' }],
    ['a=1,b=x,c=3', { a: '1,b=x', c: '3' }],
    ['a=0,a=1', { a: '1' }],
    ['a=0,b=2,a=1', { a: '1', b: '2' }],
    ['a=NULL', { a: '' }],
    ['a=', { a: '' }],
    ['a=x,b=1', { a: 'x\0y', b: '1' }],
  ])('%j are %j', (printed, of) => expect(holds(printed, of)).toBe(true));

  it.each<[string, Record<string, string>]>([
    ['a=1', {}],
    ['', { a: '1' }],
    ['a=1', { a: '2' }],
    ['a=1,b=2', { a: '1' }],
    ['a=1', { a: '1', b: '2' }],
    ['a=1,a=0', { a: '1' }],
    ['a=12', { a: '1' }],
  ])('%j are not %j', (printed, of) => expect(holds(printed, of)).toBe(false));
});
