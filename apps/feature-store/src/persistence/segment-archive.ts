import { DuckDatabase, SegmentWriter, type SegmentColumns, type SegmentRecord } from '@millrace/archive';
import { MillraceError } from '@millrace/contracts';
import { ProjectionStore } from '@millrace/messaging';
import type { Shared } from '@millrace/service';
import type { SegmentRows } from '../domain/segment-rows.ts';

/** Memory of DuckDB for all segments that are being written, MB. */
const memoryLimitMb = 96;

/**
 * An archive of topics as a projection store: the position is the name of the newest file, so rows that were not sealed are read
 * again after a restart.
 */
export class SegmentArchive<Value> extends ProjectionStore<SegmentRows> {
  override readonly shared = true;
  private readonly service: Shared;
  private readonly columns: SegmentColumns<Value>;
  private readonly writers = new Map<string, SegmentWriter<Value>>();
  private readonly name: (topic: string) => string;
  private database: Promise<DuckDatabase> | undefined;

  constructor(shared: Shared, columns: SegmentColumns<Value>) {
    super();
    this.service = shared;
    this.columns = columns;
    this.name = (topic) => shared.workspace.topic(topic);
  }

  /** A new writer each time: after an error the old one is of no use. */
  async position(_projection: string, topic: string, partition: number): Promise<number> {
    const key = `${topic}/${partition}`;
    await this.writers.get(key)?.close();
    this.writers.delete(key);
    const { options } = this.service;
    const writer = await SegmentWriter.open(options.artifacts, { topic: this.name(topic), partition, columns: this.columns, sealAgeMs: options.sealMs, database: await this.open() });
    this.writers.set(key, writer);
    return writer.nextOffset();
  }

  async transact(step: { topic: string; partition: number; expected: number; next: number }, work: (tx: SegmentRows) => Promise<void>): Promise<void> {
    const writer = this.writers.get(`${step.topic}/${step.partition}`);
    if (!writer) throw new MillraceError('NOT_READY', `the archive of ${step.topic}/${step.partition} is not open`, { retriable: true });
    const records: SegmentRecord<Value>[] = [];
    await work({ add: (offset, value) => void records.push({ offset, value: value as Value }) });
    await writer.append(step.expected, records, step.next);
  }

  /** An error ends the session of the projection: what was not sealed is read again, also when nothing more comes. */
  override async due(): Promise<void> {
    for (const writer of this.writers.values()) await writer.sealIfDue();
  }

  /** What another instance would have to read again is sealed; one that has sealed it meanwhile is right. */
  override async release(): Promise<void> {
    const writers = [...this.writers];
    this.writers.clear();
    for (const [place, writer] of writers) {
      await writer.seal().catch((error: Error) => this.service.log.info(`the last segment of ${place} was not sealed and is read again: ${error.message}`));
      await writer.close();
    }
  }

  private open(): Promise<DuckDatabase> {
    this.database ??= DuckDatabase.open({ memoryLimitMb });
    return this.database;
  }
}
