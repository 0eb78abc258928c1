import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { DuckDatabase, SegmentWriter, type SegmentColumns, type SegmentRecord } from '@millrace/archive';
import { MillraceError } from '@millrace/contracts';
import { ProjectionStore } from '@millrace/messaging';
import type { Shared } from '@millrace/service';
import type { SegmentRows } from '../domain/segment-rows.ts';

/** Memory of DuckDB for all segments that are being written, MB. */
const memoryLimitMb = 96;

/** A writer and the work that waits for it: one step at a time. */
interface Lane<Value> {
  writer: SegmentWriter<Value>;
  work: Promise<void>;
}

/**
 * An archive of topics as a projection store: the position is the name of the newest file, so rows that were not sealed are read
 * again after a restart.
 */
export class SegmentArchive<Value> extends ProjectionStore<SegmentRows> implements OnApplicationBootstrap, OnApplicationShutdown {
  override readonly shared = true;
  private readonly service: Shared;
  private readonly columns: SegmentColumns<Value>;
  private readonly lanes = new Map<string, Lane<Value>>();
  private readonly name: (topic: string) => string;
  private database: Promise<DuckDatabase> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(shared: Shared, columns: SegmentColumns<Value>) {
    super();
    this.service = shared;
    this.columns = columns;
    this.name = (topic) => shared.workspace.topic(topic);
  }

  onApplicationBootstrap(): void {
    const everyMs = Math.min(1000, this.service.options.sealMs);
    this.timer = setInterval(() => void this.sealDue(), everyMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** What another instance would have to read again is sealed; one that has sealed it meanwhile is right. */
  override async release(): Promise<void> {
    const lanes = [...this.lanes];
    this.lanes.clear();
    for (const [place, lane] of lanes) {
      await lane.work;
      await lane.writer.seal().catch((error: Error) => this.service.log.info(`the last segment of ${place} was not sealed and is read again: ${error.message}`));
      await lane.writer.close();
    }
  }

  /** A new writer each time: after an error the old one is of no use. */
  async position(_projection: string, topic: string, partition: number): Promise<number> {
    const key = `${topic}/${partition}`;
    const before = this.lanes.get(key);
    await before?.work;
    await before?.writer.close();
    const { options, now } = this.service;
    const writer = await SegmentWriter.open(options.artifacts, { topic: this.name(topic), partition, columns: this.columns, sealAgeMs: options.sealMs, now, database: await this.open() });
    this.lanes.set(key, { writer, work: Promise.resolve() });
    return writer.nextOffset();
  }

  async transact(step: { topic: string; partition: number; expected: number; next: number }, work: (tx: SegmentRows) => Promise<void>): Promise<void> {
    const lane = this.lanes.get(`${step.topic}/${step.partition}`);
    if (!lane) throw new MillraceError('NOT_READY', `the archive of ${step.topic}/${step.partition} is not open`, { retriable: true });
    const records: SegmentRecord<Value>[] = [];
    await work({ add: (offset, value) => void records.push({ offset, value: value as Value }) });
    await this.inTurn(lane, () => lane.writer.append(step.expected, records, step.next));
  }

  private async sealDue(): Promise<void> {
    for (const lane of this.lanes.values())
      await this.inTurn(lane, async () => void (await lane.writer.sealIfDue())).catch((error: Error) => this.service.log.warn(`no segment was sealed: ${error.message}`));
  }

  private inTurn(lane: Lane<Value>, step: () => Promise<void>): Promise<void> {
    const done = lane.work.then(step);
    lane.work = done.catch(() => undefined);
    return done;
  }

  private open(): Promise<DuckDatabase> {
    this.database ??= DuckDatabase.open({ memoryLimitMb });
    return this.database;
  }
}
