import { failPoint } from '@millrace/fail-points';
import type { StreamState } from '../handlers/stream-state.ts';
import type { LoopLog } from './loop-log.ts';
import type { Snapshots } from './snapshots.ts';

const everyMs = 20_000;
const everyRecords = 200_000;

/** Writes a snapshot every 20 s or 200,000 records and at the end, always of a committed state with its own positions. */
export class SnapshotSchedule {
  private readonly name: string;
  private readonly snapshots: Snapshots;
  private readonly log: LoopLog;
  private records = 0;
  private since = performance.now();
  private writing: Promise<void> | undefined;

  constructor(name: string, snapshots: Snapshots, log: LoopLog) {
    this.name = name;
    this.snapshots = snapshots;
    this.log = log;
  }

  restored(): void {
    this.records = 0;
    this.since = performance.now();
  }

  /** After each committed transaction; the caller waits until the pages are taken, not until they are written. */
  async committed(records: number, state: StreamState, positions: ReadonlyMap<string, number>): Promise<void> {
    this.records += records;
    const due = this.records >= everyRecords || (this.records > 0 && performance.now() - this.since >= everyMs);
    if (!due || this.writing) return;
    this.restored();
    const pages = await this.take(state);
    if (pages) this.writing = this.write(pages, positions).finally(() => (this.writing = undefined));
  }

  /** At the end of an ownership. Without a snapshot a restart folds more, so a failure is no error. */
  async finish(state: StreamState, positions: ReadonlyMap<string, number>): Promise<void> {
    await this.writing;
    if (this.records === 0) return;
    this.restored();
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
    this.log.warn(`${this.name}: no snapshot: ${(error as Error).message}; a restart folds more`);
  }
}

async function pagesOf(pages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
