import { describe, expect, it } from '@jest/globals';
import { newestNote, noteOf, transactionAfter, type Committed } from './committed.ts';
import { settle } from './stream-restore.ts';

const at = (offset: number, transaction?: string): Committed => ({ positions: new Map([['a', offset]]), fresh: new Set(), mark: undefined, transaction });

function settled(now: Committed, next: Committed | undefined): { fits: boolean; ended: string; position: number | undefined } {
  let ended = 'open';
  const pending = next && { journal: { commit: () => void (ended = 'kept'), undo: () => void (ended = 'undone') }, next };
  const held = { committed: at(5, '1-aa'), positions: new Map([['a', 5]]), ...(pending ? { pending } : {}) };
  return { fits: settle(held, now), ended, position: held.positions.get('a') };
}

describe('a batch whose transaction has no known end', () => {
  it('is kept when it is the one that was committed', () => expect(settled(at(9, '2-bb'), at(9, '2-bb'))).toEqual({ fits: true, ended: 'kept', position: 9 }));
  it('is undone when the one before it still holds', () => expect(settled(at(5, '1-aa'), at(9, '2-bb'))).toEqual({ fits: true, ended: 'undone', position: 5 }));
  it('does not fit when somebody else went on', () => expect(settled(at(12, '3-cc'), at(9, '2-bb'))).toMatchObject({ fits: false, ended: 'open' }));
  it('does not fit when somebody else committed the same offsets', () => expect(settled(at(9, '2-dd'), at(9, '2-bb'))).toMatchObject({ fits: false, ended: 'open' }));
  it('without inputs is kept when it was committed', () => expect(settled(at(5, '2-bb'), at(5, '2-bb'))).toMatchObject({ fits: true, ended: 'kept' }));
  it('without inputs is undone when it was not', () => expect(settled(at(5, '1-aa'), at(5, '2-bb'))).toMatchObject({ fits: true, ended: 'undone' }));
});

describe('no pending batch', () => {
  it('fits what is committed', () => expect(settled(at(5, '1-aa'), undefined)).toMatchObject({ fits: true, ended: 'open' }));
  it('does not fit another transaction', () => expect(settled(at(6, '2-bb'), undefined)).toMatchObject({ fits: false }));
});

describe('the note beside the offsets', () => {
  it('names transactions in order, none like that of another instance', () => {
    const [first, other] = [transactionAfter(undefined), transactionAfter(undefined)];
    expect(first).toMatch(/^1-[0-9a-f]{8}$/);
    expect(other).not.toBe(first);
    expect(transactionAfter('12-00000000')).toMatch(/^13-/);
  });
  it('holds the mark of the state', () => expect(newestNote([noteOf({ transaction: '4-ab', mark: 17 })])).toEqual({ transaction: '4-ab', mark: 17 }));
  it('of the latest transaction counts', () => expect(newestNote([noteOf({ transaction: '9-ab', mark: 3 }), undefined, noteOf({ transaction: '10-cd', mark: 4 }), ''])).toEqual({ transaction: '10-cd', mark: 4 }));
  it('may be a mark alone', () => expect(newestNote(['17', '17'])).toEqual({ transaction: undefined, mark: 17 }));
  it('may be what a person has noted', () => expect(newestNote(['moved back', noteOf({ transaction: '4-ab', mark: 17 })])).toEqual({ transaction: '4-ab', mark: 17 }));
  it('may be missing', () => expect(newestNote([undefined, ''])).toEqual({ transaction: undefined, mark: undefined }));
});
