import { describe, expect, it } from '@jest/globals';
import { withoutAborted, type FilteredMessage } from './abort-filter.ts';

type Record = FilteredMessage & { value: string };

const data = (offset: number, producerId: string, value: string, key: Buffer | null = Buffer.from('k')): Record =>
  ({ offset: String(offset), key, value, isControlRecord: false, batchContext: { producerId, inTransaction: true } });
const marker = (offset: number, producerId: string, type: 'abort' | 'commit'): Record =>
  ({ offset: String(offset), key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]), value: type, isControlRecord: true, batchContext: { producerId, inTransaction: true } });
const visible = (messages: Record[], aborted: [string, number][]) =>
  withoutAborted({ messages, abortedTransactions: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset: String(firstOffset) })) })
    .filter((message) => !message.isControlRecord)
    .map((message) => message.value);

describe('withoutAborted', () => {
  it('takes no data record for an abort marker, whatever its key is', () => {
    const log = [data(0, '1', 'aborted-1', Buffer.alloc(4)), data(1, '1', 'aborted-2'), marker(2, '1', 'abort'), data(3, '1', 'kept'), marker(4, '1', 'commit')];
    expect(visible(log, [['1', 0]])).toEqual(['kept']);
  });

  it('needs no order in the list of aborted transactions', () => {
    const log = [data(0, '1', 'a'), data(1, '2', 'b'), data(2, '1', 'c'), marker(3, '2', 'abort'), marker(4, '1', 'abort'), data(5, '1', 'kept'), marker(6, '1', 'commit')];
    expect(visible(log, [['2', 1], ['1', 0]])).toEqual(['kept']);
  });

  it('opens several transactions at one record', () => {
    const log = [data(5, '1', 'a'), data(6, '2', 'b'), data(7, '3', 'kept'), marker(8, '1', 'abort'), marker(9, '2', 'abort'), marker(10, '3', 'commit')];
    expect(visible(log, [['1', 3], ['2', 4]])).toEqual(['kept']);
  });

  it('hides a second aborted transaction of the same producer and keeps the committed one between', () => {
    const log = [data(0, '1', 'a'), marker(1, '1', 'abort'), data(2, '1', 'kept'), marker(3, '1', 'commit'), data(4, '1', 'b'), marker(5, '1', 'abort')];
    expect(visible(log, [['1', 0], ['1', 4]])).toEqual(['kept']);
  });

  it('keeps records outside of transactions of a producer that aborts', () => {
    const plain = { ...data(1, '1', 'kept'), batchContext: { producerId: '1', inTransaction: false } };
    expect(visible([data(0, '1', 'a'), plain, marker(2, '1', 'abort')], [['1', 0]])).toEqual(['kept']);
  });
});
