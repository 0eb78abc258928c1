import type { ArmState, SlotFold } from './slot-fold.ts';
import { armKey, type WindowCell } from './window-cell.ts';

/** An open window is restated when the slot has gone this far in event time since its last summary … */
const restateMs = 20 * 60_000;
/** … or its arm, if it is the newest window of it, has this many outcomes more. */
const restateOutcomes = 100;

interface Said {
  readonly readTime: number;
  readonly epoch: number | undefined;
  readonly outcomes: number;
}

/**
 * Which windows are due to be summarised. What was said is no part of a snapshot: after a restart everything is said again, which
 * restates what is known and cannot leave anything out.
 */
export class SummarySchedule {
  /** By key of the cell; replaced, never changed, so that an earlier one can be put back. */
  private said: ReadonlyMap<string, Said> = new Map();

  mark(): () => void {
    const { said } = this;
    return () => void (this.said = said);
  }

  /**
   * Cells to summarise now, older windows first: whoever has read a summary of a certain slot time has seen the newest figures of every
   * window that ended a horizon before. `all`: nothing is on its way that would make a later summary better.
   */
  take(fold: SlotFold, all: boolean): WindowCell[] {
    const changed = [...fold.changed].map((key) => fold.cells.get(key)!).sort((a, b) => a.windowStart - b.windowStart || (a.key < b.key ? -1 : 1));
    const due = changed.filter((cell) => all || this.isDue(cell, fold));
    if (due.length === 0) return due;
    const said = new Map(this.said);
    for (const key of said.keys()) if (!fold.cells.has(key)) said.delete(key);
    for (const cell of due) {
      const arm = fold.arms.get(armKey(cell.arm));
      said.set(cell.key, { readTime: fold.readTime, epoch: arm?.epoch, outcomes: outcomesOf(arm) });
      fold.changed.delete(cell.key);
    }
    this.said = said;
    return due;
  }

  private isDue(cell: WindowCell, fold: SlotFold): boolean {
    const said = this.said.get(cell.key);
    if (!said || fold.readTime >= cell.windowEnd + fold.horizonMs || fold.readTime - said.readTime >= restateMs) return true;
    const arm = fold.arms.get(armKey(cell.arm));
    if (!arm || arm.windowStart !== cell.windowStart) return false;
    return arm.epoch !== said.epoch || outcomesOf(arm) - said.outcomes >= restateOutcomes;
  }
}

const outcomesOf = (arm: ArmState | undefined): number => (arm ? arm.ok + arm.fallback + arm.failed : 0);
