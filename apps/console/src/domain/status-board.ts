import { MillraceError } from '@millrace/contracts';
import { ProjectionStore, type Read } from '@millrace/messaging';
import { Board } from './board.ts';
import { foldBoard, type BoardEvent } from './fold-board.ts';

/** Records of one step, taken into the board when all of them are there. */
export interface BoardStep {
  add(batch: Iterable<Read<BoardEvent>>): void;
}

/**
 * Keeps the board in memory: at each start it begins at position 0. Handlers see a step event by event class; the board folds it in
 * the order of the topic.
 */
export class StatusBoard extends ProjectionStore<BoardStep> {
  override readonly shared = false;
  readonly board = new Board();
  private readonly positions = new Map<string, number>();

  async position(_projection: string, topic: string, partition: number): Promise<number> {
    return this.reached(topic, partition);
  }

  /** Next offset that will be read of a topic (without prefix). */
  reached(topic: string, partition: number): number {
    return this.positions.get(`${topic}/${partition}`) ?? 0;
  }

  async transact(step: { topic: string; partition: number; expected: number; next: number }, work: (tx: BoardStep) => Promise<void>): Promise<void> {
    const { topic, partition, expected, next } = step;
    if (this.reached(topic, partition) !== expected) throw new MillraceError('POSITION_MOVED', `${topic}/${partition} stands at ${this.reached(topic, partition)}, not at ${expected}`, { retriable: true });
    const reads: Read<BoardEvent>[] = [];
    await work({ add: (batch) => void reads.push(...batch) });
    for (const read of reads.sort((a, b) => a.position - b.position)) foldBoard(this.board, read);
    this.positions.set(`${topic}/${partition}`, next);
  }
}
