import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { DuckDBDataChunk, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { MillraceError } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';

import { removeStale, syncFile, temporaryName } from './atomic-file.ts';
import { DuckDatabase, sqlText } from './duck-database.ts';
import { carryOutClaims, endOf, nameSegment } from './segment-claim.ts';
import type { SegmentColumns } from './segment-columns.ts';
import { listSegments, segmentFolder, segmentName } from './segment-name.ts';

/** Rows that wait as JavaScript values before DuckDB takes them; at most 2,048, its vector size. Few, so that they die young. */
const CHUNK_ROWS = 512;

/** Small row groups bound the memory of writing and let readers skip by event time. */
const ROW_GROUP = 4_096;

export interface SegmentWriterOptions<Value> {
  topic: string;
  partition: number;
  /** `vectorColumns` or `labelColumns`. */
  columns: SegmentColumns<Value>;
  /** A segment is sealed at the record that fills it. Default 20,000. */
  sealRows?: number;
  /** … or when its first record has waited this long. */
  sealAgeMs: number;
  /** Milliseconds of a clock that never goes back: by the machine's, which may be set back, a segment would wait until its time has come again. Default: that of the process. */
  now?: () => number;
  /** Shared by the writers of a process; each has one of its own by default. */
  database?: DuckDatabase;
}

/** One record of the topic partition. */
export interface SegmentRecord<Value> {
  readonly offset: number;
  readonly value: Value;
}

/**
 * Writes one topic partition into Parquet files `<root>/segments/<topic>/<partition>/<first>-<last>.parquet`.
 *
 * The names are manifest and position: a file holds all records from offset `first` to `last`, both inclusive, and offsets of
 * control or aborted records lie inside. Files appear by a rename. What was not sealed is lost with the process, so after a
 * restart the caller reads on from `nextOffset()`. After an error the writer is of no use: close it and open another.
 * One writer per partition at a time; one that finds another's file stops with ARCHIVE_FENCED.
 *
 * @example
 * const writer = await SegmentWriter.open(root, { topic: 'labels.flight-delay', partition: 0, columns: labelColumns, sealAgeMs: 60_000 });
 * await writer.append(batch.from, batch.records, batch.next); // from === writer.nextOffset()
 * await writer.sealIfDue();
 * await writer.seal(); // at shutdown
 */
export class SegmentWriter<Value> {
  private readonly folder: string;
  private readonly options: SegmentWriterOptions<Value>;
  private readonly database: DuckDatabase;
  private readonly connection: DuckDBConnection;
  private readonly table: string;
  private first: number;
  private next: number;
  private stored = 0;
  private readonly chunk: DuckDBDataChunk;
  private waiting: DuckDBValue[][];
  private waitingRows = 0;
  private readonly now: () => number;
  private since: number | undefined;
  private broken = false;

  private constructor(root: string, options: SegmentWriterOptions<Value>, database: DuckDatabase, connection: DuckDBConnection, next: number) {
    this.folder = segmentFolder(root, options.topic, options.partition);
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.database = database;
    this.connection = connection;
    this.table = `"${options.topic}/${options.partition}"`;
    // One chunk for all: its memory is freed late, since V8 does not see it.
    this.chunk = DuckDBDataChunk.create(options.columns.types);
    this.waiting = options.columns.types.map(() => []);
    this.first = next;
    this.next = next;
  }

  /** @throws MillraceError ARCHIVE_GAP, ARCHIVE_OVERLAP when the files that are there do not fit together */
  static async open<Value>(root: string, options: SegmentWriterOptions<Value>): Promise<SegmentWriter<Value>> {
    const folder = segmentFolder(root, options.topic, options.partition);
    await mkdir(folder, { recursive: true });
    await removeStale(folder);
    await carryOutClaims(folder);
    const segments = await listSegments(root, options.topic, options.partition);
    const database = options.database ?? (await DuckDatabase.open());
    const writer = new SegmentWriter(root, options, database, await database.connect(), (segments.at(-1)?.last ?? -1) + 1);
    await writer.createTable();
    return writer;
  }

  /** Offset of the record to append next; right after opening, the one after the last sealed file. */
  nextOffset(): number {
    return this.next;
  }

  /** Offset after the last one that stands in a sealed file: up to here nothing can be lost. */
  sealedOffset(): number {
    return this.first;
  }

  /**
   * Appends what a read of the partition returned, and seals as often as a segment is full.
   *
   * @param from offset from which was read; must be `nextOffset()`
   * @param records in order of offsets; may be empty
   * @param next offset to read next, so that control and aborted records at the end count as covered
   * @throws MillraceError ARCHIVE_GAP when offsets are missing or out of order; ARCHIVE_FENCED; ARCHIVE_WRITE_FAILED (retriable)
   */
  async append(from: number, records: readonly SegmentRecord<Value>[], next: number): Promise<void> {
    this.refuseWhenBroken();
    const { topic, partition, columns, sealRows = 20_000 } = this.options;
    if (from !== this.next || next < from) {
      throw new MillraceError('ARCHIVE_GAP', `the archive of ${topic}/${partition} goes on at offset ${this.next}, not at ${from}`, {
        hint: 'read on from nextOffset()',
      });
    }
    for (const record of records) {
      if (record.offset < this.next || record.offset >= next) {
        throw this.breaks(new MillraceError('ARCHIVE_GAP', `offset ${record.offset} of ${topic}/${partition} is out of order`));
      }
      this.waitingRows += columns.append(this.waiting, record.value, record.offset);
      this.next = record.offset + 1;
      this.since ??= this.now();
      if (this.waitingRows >= CHUNK_ROWS) await this.store();
      if (this.stored + this.waitingRows >= sealRows) await this.seal();
    }
    if (next > this.next) this.since ??= this.now();
    this.next = next;
  }

  /** Seals when the oldest record has waited for `sealAgeMs`; call it about every second. Returns whether it sealed. */
  async sealIfDue(): Promise<boolean> {
    if (this.since === undefined || this.now() - this.since < this.options.sealAgeMs) return false;
    await this.seal();
    return true;
  }

  /** Seals all that was passed; without anything new it does nothing. A segment may hold no rows: then only control records were passed. */
  async seal(): Promise<void> {
    this.refuseWhenBroken();
    if (this.next === this.first) return;
    const path = join(this.folder, segmentName(this.first, this.next - 1));
    const temporary = temporaryName(path);
    try {
      await this.store();
      await this.connection.run(`COPY (FROM ${this.table} ORDER BY rowid) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`);
      await syncFile(temporary);
      await failPoint('segment.written');
      if (!(await nameSegment(this.folder, temporary, basename(path)))) throw await this.fenced();
      await failPoint('segment.named');
      await this.createTable();
    } catch (cause) {
      await rm(temporary, { force: true });
      if (cause instanceof MillraceError) throw this.breaks(cause);
      throw this.breaks(
        new MillraceError('ARCHIVE_WRITE_FAILED', `segment ${basename(path)} of ${this.options.topic}/${this.options.partition} could not be written`, {
          retriable: true,
          cause,
          hint: 'look at the free space and the rights of the data directory',
        }),
      );
    }
    this.first = this.next;
    this.stored = 0;
    this.since = undefined;
  }

  /** Releases the memory; does not seal. */
  async close(): Promise<void> {
    this.broken = true;
    this.dropWaiting();
    await this.connection.run(`DROP TABLE IF EXISTS ${this.table}`).catch(() => undefined);
    this.connection.closeSync();
    if (this.options.database === undefined) await this.database.close();
  }

  private async createTable(): Promise<void> {
    const { names, types } = this.options.columns;
    await this.connection.run(`CREATE OR REPLACE TABLE ${this.table} (${names.map((name, n) => `${name} ${String(types[n])}`).join(', ')})`);
  }

  /** Moves the waiting rows into DuckDB, where they take a tenth of the memory. */
  private async store(): Promise<void> {
    if (this.waitingRows === 0) return;
    const appender = await this.connection.createAppender(this.table.slice(1, -1));
    for (let at = 0; at < this.waitingRows; at += CHUNK_ROWS) {
      this.chunk.reset();
      this.chunk.setColumns(this.waiting.map((column) => column.slice(at, at + CHUNK_ROWS)));
      appender.appendDataChunk(this.chunk);
    }
    appender.closeSync();
    this.stored += this.waitingRows;
    this.dropWaiting();
  }

  private dropWaiting(): void {
    this.waiting = this.waiting.map(() => []);
    this.waitingRows = 0;
  }

  private async fenced(): Promise<MillraceError> {
    const { topic, partition } = this.options;
    return new MillraceError('ARCHIVE_FENCED', `another writer has archived ${topic}/${partition} up to offset ${(await endOf(this.folder)) - 1}`, {
      hint: 'let one process at a time archive a partition',
    });
  }

  private breaks(error: MillraceError): MillraceError {
    this.broken = true;
    return error;
  }

  private refuseWhenBroken(): void {
    if (this.broken) throw new MillraceError('ARCHIVE_WRITER_CLOSED', 'the writer is closed or has failed', { hint: 'open another one' });
  }
}
