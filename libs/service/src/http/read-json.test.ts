import { describe, expect, it } from '@jest/globals';
import { readJson } from './read-json.ts';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('readJson', () => {
  it('reads what JSON.parse reads, with or without a byte order mark', () => {
    const text = '{"a":[1,"é \\" [[[[ \\\\",{"b":null}],"a":2}';
    expect(readJson(Buffer.from(text))).toEqual({ a: 2 });
    expect(readJson(Buffer.from(`\ufeff${text}`))).toEqual({ a: 2 });
    expect(readJson(Buffer.from(nested(20)))).toEqual(JSON.parse(nested(20)));
  });

  it.each<[string, string | Buffer]>([
    ['21 levels', nested(21)],
    ['half a million levels', nested(500_000)],
    ['levels that never end', '{"a":'.repeat(100_000)],
    ['nothing', ''],
    ['half of it', '{"a":'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['half a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['__proto__', '{"a":[{"__proto__":{"b":1}}]}'],
    ['__proto__ in escapes', '{"\\u005f_pr\\u006fto__":1}'],
    ['constructor', '{"constructor":{"prototype":{}}}'],
  ])('refuses %s as INVALID_JSON', (_, text) => {
    expect(() => readJson(Buffer.isBuffer(text) ? text : Buffer.from(text))).toThrow(expect.objectContaining({ code: 'INVALID_JSON', retriable: false }));
  });

  it('lets texts speak of prototypes', () => {
    expect(readJson(Buffer.from('{"note":"__proto__ and constructor"}'))).toEqual({ note: '__proto__ and constructor' });
  });
});
