import { WindowSummarised, type DefinitionApplied } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import type { Journal, Standing, StreamState } from '@millrace/messaging';
import { beginningOfTime } from './beginning-of-time.ts';
import { fromUnits } from './fixed-point.ts';
import { SlotFold } from './slot-fold.ts';
import { contentsOf, hashOf, pagesOf } from './slot-snapshot.ts';
import { SummarySchedule } from './summary-schedule.ts';
import { armKey, type WindowCell } from './window-cell.ts';

/** One slot of one model: the joined events, and what is to be said about them. Its handlers only fold; all summaries come from `due`. */
export class SlotState implements StreamState {
  readonly fold: SlotFold;
  private readonly model: string;
  private readonly slot: number;
  private readonly schedule = new SummarySchedule();
  private before: ReadonlyMap<string, number> = new Map();

  constructor(model: string, slot: number, maximumEvents?: number) {
    this.fold = new SlotFold(maximumEvents);
    this.model = model;
    this.slot = slot;
  }

  /** From the broadcast: never undone. A model that is no longer declared keeps its horizon. */
  defined({ definitions }: DefinitionApplied): void {
    const { models } = JSON.parse(definitions) as { models: readonly ModelDefinition[] };
    const horizonMs = models.find(({ name }) => name === this.model)?.label.horizonMs;
    if (horizonMs !== undefined) this.fold.horizonMs = horizonMs;
  }

  /**
   * When nothing was read since the last call, the inputs are at rest and every change is said. Whoever reads a slot time judges every
   * window that closed by it at once, so only the last summary carries it: the others of its window would come too late.
   */
  *due({ positions }: Standing): Iterable<WindowSummarised> {
    const atRest = [...positions].every(([topic, position]) => this.before.get(topic) === position);
    this.before = new Map(positions);
    if (this.fold.changed.size === 0) return;
    const cells = this.schedule.take(this.fold, atRest);
    const { slotTime } = this.fold;
    for (const cell of cells) yield this.summary(cell, positions, cell === cells.at(-1) && Number.isFinite(slotTime) ? slotTime : beginningOfTime);
  }

  journal(): Journal {
    this.fold.begin();
    const { before } = this;
    const putBack = this.schedule.mark();
    return {
      commit: () => this.fold.keep(),
      undo: () => {
        this.fold.undo();
        this.before = before;
        putBack();
      },
    };
  }

  snapshot(): Iterable<Uint8Array> {
    return pagesOf(this.fold);
  }

  async restore(pages: AsyncIterable<Uint8Array>): Promise<void> {
    this.fold.resume(await contentsOf(pages));
  }

  /** Of what was read, not of what was said. */
  hash(): string {
    return hashOf(this.fold);
  }

  private summary(cell: WindowCell, positions: ReadonlyMap<string, number>, slotTime: number): WindowSummarised {
    const at = (topic: string): number => positions.get(`${topic}.${this.model}`) ?? 0;
    const { version, role } = cell.arm;
    const arm = this.fold.arms.get(armKey(cell.arm));
    const { negatives, positives } = cell.histogram.toBytes();
    return new WindowSummarised({
      model: this.model, slot: this.slot, version, role, bundle: cell.bundle,
      arm: arm ? { rolloutId: arm.rolloutId, epoch: arm.epoch, ok: arm.ok, fallback: arm.fallback, failed: arm.failed, latencyMsSum: arm.latencyMsSum } : null,
      windowStart: cell.windowStart, windowEnd: cell.windowEnd,
      ok: cell.ok, fallback: cell.fallback, failed: cell.failed, labelled: cell.labelled, labelSum: cell.labelSum, correct: cell.correct,
      scoreSum: fromUnits(cell.scoreUnits), labelledScoreSum: fromUnits(cell.labelledScoreUnits), lossSum: fromUnits(cell.lossUnits),
      negatives: Buffer.from(negatives), positives: Buffer.from(positives),
      slotTime,
      revision: { vectors: at('feature-vectors'), predictions: at('predictions'), labels: at('labels') },
    });
  }
}
