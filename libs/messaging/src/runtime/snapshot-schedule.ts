import { failPoint } from '@millrace/fail-points';
import type { StreamState } from '../handlers/stream-state.ts';
import type { LoopLog } from './loop-log.ts';
import type { Snapshots } from './snapshots.ts';

const everyRecords = 200_000;

/** Writes a snapshot every 20 s or 200,000 records, also while nothing comes, and at the end: always of a committed state with its own positions. */
export class SnapshotSchedule {
  private readonly name: string;
  private readonly snapshots: Snapshots;
  private readonly log: LoopLog;
  /** Since the newest snapshot; a transaction without records counts as one, since it too moves offsets or the state. */
  private records = 0;
  private since = performance.now();
  private writing: Promise<void> | undefined;

  constructor(name: string, snapshots: Snapshots, log: LoopLog) {
    this.name = name;
    this.snapshots = snapshots;
    this.log = log;
  }

  /** The state stands at committed positions that lie `behind` offsets after those of its snapshot. */
  restored(behind: number): void {
    this.records = behind;
    this.since = performance.now();
  }

  /** Whether the time has come to commit what was read, also without a record in it. */
  get isTime(): boolean {
    return performance.now() - this.since >= this.snapshots.everyMs;
  }

  /** After each committed transaction; the caller waits until the pages are taken, not until they are written. */
  committed(records: number, state: StreamState, positions: ReadonlyMap<string, number>): Promise<void> {
    this.records += Math.max(1, records);
    return this.look(state, positions);
  }

  /** Between transactions: what was committed last must not wait for the next one, retention may come before it. */
  async look(state: StreamState, positions: ReadonlyMap<string, number>): Promise<void> {
    const due = this.records >= everyRecords || (this.records > 0 && this.isTime);
    if (!due || this.writing) return;
    this.restored(0);
    const pages = await this.take(state);
    if (pages) this.writing = this.write(pages, positions).finally(() => (this.writing = undefined));
  }

  /** At the end of an ownership. Without a snapshot a restart folds more, so a failure is no error. */
  async finish(state: StreamState, positions: ReadonlyMap<string, number>): Promise<void> {
    await this.writing;
    if (this.records === 0) return;
    this.restored(0);
    const pages = await this.take(state);
    if (pages) await this.write(pages, positions);
  }

  private async take(state: StreamState): Promise<Uint8Array[] | undefined> {
    if (!state.snapshot) return undefined;
    try {
      return await pagesOf(state.snapshot());
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  private async write(pages: readonly Uint8Array[], positions: ReadonlyMap<string, number>): Promise<void> {
    try {
      await failPoint('snapshot.taken');
      await this.snapshots.write(this.name, Object.fromEntries(positions), pages);
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    this.records ||= 1;
    this.log.warn(`${this.name}: no snapshot: ${(error as Error).message}; a restart folds more`);
  }
}

async function pagesOf(pages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
