import { describe, expect, it } from '@jest/globals';
import { TransactionFailed } from './transaction-failed.ts';

const answered = (type: string): Error => Object.assign(new Error(type), { type });

describe('what became of a failed transaction', () => {
  it.each(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'REQUEST_TIMED_OUT'])('is unknown when the commit is answered by %s: the decision may be in the log already', (type) => {
    expect(TransactionFailed.at('commit', true, answered(type)).outcome).toBe('unknown');
    expect(TransactionFailed.at('offsets', false, answered(type)).outcome).toBe('aborted');
  });

  it.each(['INVALID_TXN_STATE', 'GROUP_LOAD_IN_PROGRESS'])('is known when the commit is refused by %s', (type) => {
    expect(TransactionFailed.at('commit', true, answered(type)).outcome).toBe('aborted');
  });

  it.each(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'])('is a fence at every step with %s', (type) => {
    expect(TransactionFailed.at('send', false, answered(type)).outcome).toBe('fenced');
    expect(TransactionFailed.at('commit', true, answered(type)).outcome).toBe('fenced');
  });
});
