import { describe, expect, it } from '@jest/globals';
import { settle, type Committed } from './stream-restore.ts';

const at = (offset: number, mark?: number): Committed => ({ positions: new Map([['a', offset]]), mark });

function settled(now: Committed, next: Committed | undefined): { fits: boolean; ended: string; position: number | undefined } {
  let ended = 'open';
  const pending = next && { journal: { commit: () => void (ended = 'kept'), undo: () => void (ended = 'undone') }, next: next.positions, mark: next.mark };
  const held = { committed: at(5, 1), positions: new Map([['a', 5]]), ...(pending ? { pending } : {}) };
  return { fits: settle(held, now), ended, position: held.positions.get('a') };
}

describe('a batch whose transaction has no known end', () => {
  it('is kept when the offsets behind it are committed', () => expect(settled(at(9, 1), at(9, 1))).toEqual({ fits: true, ended: 'kept', position: 9 }));
  it('is undone when the offsets before it still hold', () => expect(settled(at(5, 1), at(9, 1))).toEqual({ fits: true, ended: 'undone', position: 5 }));
  it('does not fit when somebody else went on', () => expect(settled(at(12, 1), at(9, 1))).toMatchObject({ fits: false, ended: 'open' }));
  it('without inputs is kept when its mark is committed', () => expect(settled(at(5, 2), at(5, 2))).toMatchObject({ fits: true, ended: 'kept' }));
  it('without inputs is undone when its mark is not', () => expect(settled(at(5, 1), at(5, 2))).toMatchObject({ fits: true, ended: 'undone' }));
  it('without inputs and without a new mark is undone, so that it is said again', () => expect(settled(at(5, 1), at(5, 1))).toMatchObject({ fits: true, ended: 'undone' }));
});

describe('no pending batch', () => {
  it('fits the committed offsets', () => expect(settled(at(5, 1), undefined)).toMatchObject({ fits: true, ended: 'open' }));
  it('does not fit others', () => expect(settled(at(6, 1), undefined)).toMatchObject({ fits: false }));
});
