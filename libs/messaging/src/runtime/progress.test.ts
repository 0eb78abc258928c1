import { describe, expect, it } from '@jest/globals';
import { newestOf, noteOf } from './committed.ts';
import { markProgress, progressHeader, progressOf, type Progress } from './progress.ts';

const at = (offsets: Record<string, number>, transaction?: string, era?: number): Progress => new Map(Object.entries(offsets).map(([place, offset]) => [place, { offset, metadata: offset < 0 ? undefined : noteOf({ transaction, mark: undefined, era }) }]));
const plain = (offsets: Progress): Record<string, number> => Object.fromEntries([...offsets].map(([place, { offset }]) => [place, offset]));

describe('what a transaction says of itself', () => {
  it('stands in the last record of each partition and nowhere else', () => {
    const message = (key: string): { key: string; value: Buffer; headers: { ce_type: string } } => ({ key, value: Buffer.from('x'), headers: { ce_type: 't' } });
    const sends = [{ topic: 'a', partition: 0, messages: [message('1'), message('2')] }, { topic: 'b', partition: 3, messages: [message('3')] }, { topic: 'c', partition: 0, messages: [] }];
    markProgress(sends, [{ topic: 'in', partition: 1, offset: 17 }], noteOf({ transaction: '4-00000000', mark: 2 }));
    const headers = sends.flatMap(({ messages }) => messages.map((one) => one.headers as Record<string, string>));
    expect(headers.map((one) => progressHeader in one)).toEqual([false, true, true]);
    expect(headers.map(({ ce_type }) => ce_type)).toEqual(['t', 't', 't']);
    expect(progressOf({ [progressHeader]: Buffer.from(headers[1]![progressHeader]!) })).toEqual(new Map([['in/1', { offset: 17, metadata: noteOf({ transaction: '4-00000000', mark: 2 }) }]]));
    expect(progressOf({})).toBeUndefined();
  });

  it.each<[string, Progress, Progress[], Record<string, number>]>([
    ['nothing is shown', at({ 'a/0': 5 }, '3-x'), [], { 'a/0': 5 }],
    ['the broker has forgotten everything', at({ 'a/0': -1, 'b/0': -1 }), [at({ 'a/0': 5, 'b/0': 0 }, '3-x')], { 'a/0': 5, 'b/0': 0 }],
    ['the broker answers an older commit', at({ 'a/0': 4, 'b/0': 7 }, '2-x'), [at({ 'a/0': 4, 'b/0': 9 }, '3-x'), at({ 'a/0': 5, 'b/0': 9 }, '4-x')], { 'a/0': 5, 'b/0': 9 }],
    ['the newest transaction wrote nothing', at({ 'a/0': 9 }, '9-x'), [at({ 'a/0': 5 }, '3-x')], { 'a/0': 9 }],
    ['a person has moved an offset on', at({ 'a/0': 9, 'b/0': 2 }), [at({ 'a/0': 5, 'b/0': 4 }, '3-x')], { 'a/0': 9, 'b/0': 2 }],
    ['a person has moved an offset back', new Map([['a/0', { offset: 2, metadata: '' }], ['b/0', { offset: 4, metadata: '7' }]]), [at({ 'a/0': 5, 'b/0': 9 }, '3-x')], { 'a/0': 2, 'b/0': 4 }],
    ['a person has written in braces', new Map([['a/0', { offset: 2, metadata: '{"ticket":5}' }], ['b/0', { offset: 4, metadata: '{oops' }]]), [at({ 'a/0': 5, 'b/0': 9 }, '3-x')], { 'a/0': 2, 'b/0': 4 }],
    ['a person has gone back, and the loop has gone on since', at({ 'a/0': 3, 'b/0': 4 }, '1-x', 1), [at({ 'a/0': 5, 'b/0': 4 }, '7-x')], { 'a/0': 3, 'b/0': 4 }],
    ['a person has gone back, and the broker answers what was before', at({ 'a/0': 5, 'b/0': 4 }, '7-x'), [at({ 'a/0': 4, 'b/0': 4 }, '6-x'), at({ 'a/0': 3, 'b/0': 4 }, '1-x', 1)], { 'a/0': 3, 'b/0': 4 }],
    ['the broker answers the offset of a higher number, counted before the loop had begun again', at({ 'a/0': 25 }, '250-x'), [at({ 'a/0': 49 }, '60-x')], { 'a/0': 49 }],
    ['an input moved later than another one', new Map([...at({ 'a/0': 9 }, '9-x'), ...at({ 'b/0': 1 }, '2-x')]), [at({ 'b/0': 4 }, '3-x')], { 'a/0': 9, 'b/0': 4 }],
    ['notes have no numbers', at({ 'a/0': 4 }), [at({ 'a/0': 6 }), at({ 'a/0': 5 }, '3-x')], { 'a/0': 6 }],
    ['an input is new', at({ 'a/0': 4, 'c/0': -1 }, '2-x'), [at({ 'a/0': 6, 'b/0': 1 }, '3-x')], { 'a/0': 6, 'c/0': -1 }],
  ])('counts when %s', (_, answered, shown, expected) => {
    expect(plain(newestOf(answered, shown))).toEqual(expected);
  });

  it('counts at equal offsets when its transaction is the later one', () => {
    const [older, newer] = [at({ 'a/0': 4 }, '2-x'), at({ 'a/0': 4 }, '3-x')];
    expect(newestOf(older, [newer])).toEqual(newer);
    expect(newestOf(newer, [older])).toBe(newer);
  });
});
