import { crc32 } from 'node:zlib';
import type { LogRange, LogRecord } from '../history/log-record.ts';
import { Column } from '../tables/column.ts';

const visible = 1;
const aborted = 2;
const once = 4;
const twice = 8;
const rejected = 16;

/** The posted records of one partition: 13 bytes each. */
export class SourceTable {
  readonly range: LogRange;
  /** Highest offset with an outcome in event-ingested; -1 before the first. */
  highestIngested = -1;
  private readonly flags = new Column(Uint8Array);
  private readonly sums = new Column(Uint32Array);
  private readonly times = new Column(Float64Array);

  constructor(range: LogRange) {
    this.range = range;
  }

  posted(record: LogRecord): void {
    const at = record.offset - this.range.low;
    this.flags.mark(at, record.visible ? visible : aborted);
    if (!record.visible || !record.stored) return;
    this.sums.set(at, record.value === null ? 0 : crc32(record.value));
    this.times.set(at, record.timestamp);
  }

  answered(offset: number, isRejected: boolean): void {
    const at = offset - this.range.low;
    if (at < 0 || offset >= this.range.end) return;
    this.flags.mark(at, (this.flags.get(at) & once ? twice : once) | (isRejected ? rejected : 0));
    if (!isRejected && offset > this.highestIngested) this.highestIngested = offset;
  }

  /** Older than what the broker keeps: nothing can be said of it. */
  isExpired(offset: number): boolean {
    return offset < this.range.low;
  }

  isVisible(offset: number): boolean {
    return (this.flags.get(offset - this.range.low) & visible) !== 0;
  }

  isAborted(offset: number): boolean {
    return (this.flags.get(offset - this.range.low) & aborted) !== 0;
  }

  /** 0, 1 or 2 = twice and more. */
  outcomes(offset: number): 0 | 1 | 2 {
    const flags = this.flags.get(offset - this.range.low);
    return flags & twice ? 2 : flags & once ? 1 : 0;
  }

  /** CRC-32 of the value. */
  sum(offset: number): number {
    return this.sums.get(offset - this.range.low);
  }

  /** Append time. */
  time(offset: number): number {
    return this.times.get(offset - this.range.low);
  }
}
