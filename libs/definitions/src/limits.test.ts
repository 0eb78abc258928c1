import { describe, expect, it } from '@jest/globals';

import { compilePlan } from './compile-plan.ts';
import { limits } from './limits.ts';
import { parseDefinitions } from './parse-definitions.ts';

type Parts = Readonly<Record<string, unknown>>;
const stream = (more: Parts = {}): Parts => ({ name: 'orders', fields: [{ name: 'at', kind: 'instant' }, { name: 'a', kind: 'whole' }, { name: 'r', kind: 'real' }, { name: 's', kind: 'text' }, { name: 'f', kind: 'flag' }], eventTime: 'at', after: [], ...more });
const set = (more: Parts = {}): string => JSON.stringify({ version: 1, timeZoneData: '2026a', streams: [stream()], entities: [{ name: 'user', keys: { orders: 's' } }], rowFeatures: [], views: [], models: [], ...more });
const rows = (values: readonly string[]): string => set({ rowFeatures: [{ stream: 'orders', features: values.map((value, i) => ({ name: `x${i}`, value })) }] });
const window = (feature: Parts, resolutionMs = 1000): string => set({ views: [{ name: 'v', from: 'orders', entity: 'user', resolutionMs, features: [{ name: 'x', aggregate: 'count', window: 'over', lengthMs: 60_000, ...feature }] }] });
const repeated = (text: string, times: number, by: string): string => Array<string>(times).fill(text).join(by);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const hostile: readonly (readonly [name: string, json: string, reason: RegExp])[] = [
  ['brackets nested 900 deep', rows([`${'('.repeat(900)}a${')'.repeat(900)}`]), /maxDepth/],
  ['1,900 negations', rows([`${'!'.repeat(1900)}f`]), /maxAstNodes/],
  ['a conditional of 180 branches', rows([`${'f ? a : '.repeat(180)}a`]), /maxDepth/],
  ['a list of 200', rows([`a in [${repeated('1', 200, ',')}]`]), /maxListElements/],
  ['a regular expression', rows(['s.matches("(x+)+y")']), /matches\(\) may not be called/],
  ['a macro in a macro', rows(['[1, 2].map(x, [1, 2].map(y, x))']), /may not be called/],
  ['a whole number of 1,500 digits', rows(['9'.repeat(1500)]), /more than 64 bits/],
  ['a text of 10,000 characters', rows([`"${'x'.repeat(10_000)}" == s`]), /too big|at most 2000/i],
  ['501 expressions', rows(times(501, (i) => `a + ${i}`)), /more than 500 expressions/],
  ['expressions of too many steps', rows(times(200, (i) => `${repeated('a', 95, ' + ')} + ${i}`)), /steps per event/],
  ['21 zones that come with the event', rows(times(21, (i) => `hourOfDay(at, s) + ${i}.0`)), /steps per event/],
  ['30,000 features', rows(times(30_000, () => 'a')), /more than 100000 values|too big/i],
  ['a window of a year in milliseconds', window({ lengthMs: 365 * 86_400_000 }, 1), /31536000000 tiles/],
  ['a distinct count over 30 days of minutes', window({ aggregate: 'distinctCount', of: 's', lengthMs: 30 * 86_400_000 }, 60_000), /43200 tiles/],
  ['a window of 10,000 years', window({ lengthMs: 9e15 }, 9e15), /too big/i],
  ['a window of no length', window({ lengthMs: 0 }), /too small/i],
  ['a window before now', window({ lengthMs: -60_000 }), /too small/i],
  ['a window of half a millisecond', window({ lengthMs: 0.5 }), /int/i],
  ['a window of no number', window({ lengthMs: null }), /expected number/],
  ['two features of one name', set({ rowFeatures: [{ stream: 'orders', features: times(2, () => ({ name: 'x', value: 'a' })) }] }), /two of them have one name/],
  ['two fields of one name', set({ streams: [stream({ fields: times(2, () => ({ name: 'at', kind: 'instant' })) })] }), /two of its fields/],
  ['a stream after itself', set({ streams: [stream({ after: ['orders'] })] }), /comes after itself/],
  ['three streams in a circle', set({ streams: times(3, (i) => stream({ name: `s${i}`, after: [`s${(i + 1) % 3}`] })) }), /comes after itself/],
  ['a field named constructor', set({ streams: [stream({ fields: [{ name: 'at', kind: 'instant' }, { name: 'constructor', kind: 'whole' }] })] }), /expressions keep|every object/],
  ['a stream named constructor', set({ streams: [stream({ name: 'constructor' })] }), /every object/],
  ['a name of the prototype', set().replace('"version":1', '"version":1,"__proto__":{"x":1}'), /__proto__/],
  ['a key of the prototype', set().replace('"keys":{', '"keys":{"__proto__":"a",'), /__proto__/],
  ['a name in another script', set({ streams: [stream({ name: 'öрders' })] }), /small letters/],
  ['JSON of 2 MB', JSON.stringify('x'.repeat(2 ** 21)), /1048576 are allowed/],
  ['400,000 numbers in place of streams', set({ streams: times(400_000, () => 1) }), /more than 100000 values/],
  ['JSON nested 500,000 deep', '['.repeat(500_000), /deeper than 16/],
  ['cut JSON', set().slice(0, 200), /no JSON/],
];

describe('definitions that ask for too much', () => {
  it.each(hostile)('are refused at once: %s', (_, json, reason) => {
    const start = process.cpuUsage();
    let refused: unknown;
    try {
      parseDefinitions(json);
    } catch (error) {
      refused = error;
    }
    const { user, system } = process.cpuUsage(start);
    expect(refused).toMatchObject({ code: 'DEFINITION_INVALID', message: expect.stringMatching(reason) });
    // The limits of steps are counted while expressions are compiled.
    expect((user + system) / 1000).toBeLessThan(reason.source.includes('steps') ? 1500 : 150);
  });

  it('yield no value for texts that are too long, neither read nor made', () => {
    // The first is the key of the entity.
    const [, read, made, compared] = compilePlan(parseDefinitions(rows(['s == "x"', repeated('s', 90, ' + '), `${repeated('s', 40, ' + ')} == ${repeated('s', 40, ' + ')}`]))).streams[0]!.expressions;
    expect(() => read!({ s: 'x'.repeat(limits.textLength + 1) })).toThrow('1024 are allowed');
    expect(read!({ s: 'x'.repeat(limits.textLength) })).toBe(0);
    expect(() => made!({ s: 'x'.repeat(20) })).toThrow('1024 are allowed');
    expect(made!({ s: 'ab' })).toBe('ab'.repeat(90));
    expect(() => compared!({ s: 'x'.repeat(1_000_000) })).toThrow('1024 are allowed');
  });

  it('at their limits cost an event few milliseconds', () => {
    const plans = [times(100, (i) => `${repeated('a', 98, ' + ')} + ${i}`), times(499, (i) => `a / 0 + ${i}`), times(19, (i) => `hourOfDay(at, s) + ${i}.0`), times(40, (i) => `s + ${repeated('s', 40, ' + ')} == ${repeated('s', 40, ' + ')} + "${i}"`)].map((values) => compilePlan(parseDefinitions(rows(values))).streams[0]!.expressions);
    const worst = plans.map((expressions) => {
      let ms = Infinity;
      for (let n = 0; n < 20; n++) {
        const start = process.cpuUsage();
        for (const expression of expressions)
          try {
            expression({ a: n, s: n % 2 === 0 ? `zone ${n}` : 'x'.repeat(1024), at: n, r: 1, f: true });
          } catch {
            // No value.
          }
        const { user, system } = process.cpuUsage(start);
        ms = Math.min(ms, (user + system) / 1000);
      }
      return ms;
    });
    expect(Math.max(...worst)).toBeLessThan(30);
  });
});
