import { EventEncoder, classOf, type Event } from '@millrace/contracts';
import type { LogRange, LogRecord, LogSource } from '../history/log-record.ts';
import { type Seeded } from './seeded.ts';

const encoder = new EventEncoder();

export interface Written {
  readonly key?: Buffer | string;
  readonly headers?: string;
  readonly visible?: boolean;
}

/** A log in memory, written as the platform would: with markers at the end of transactions, and aborted ones in between. */
export class MemoryLog implements LogSource {
  /** By topic and partition. */
  readonly records = new Map<string, LogRecord[]>();
  now = Date.UTC(2026, 0, 1);
  private readonly ends = new Map<string, number>();

  get ranges(): LogRange[] {
    return [...this.records.keys()].map((place) => {
      const slash = place.lastIndexOf('/');
      return { topic: place.slice(0, slash), partition: Number(place.slice(slash + 1)), low: 0, end: this.end(place) };
    });
  }

  *read({ topic, partition }: LogRange): Iterable<readonly LogRecord[]> {
    yield this.records.get(`${topic}/${partition}`)!;
  }

  end(place: string): number {
    return this.ends.get(place) ?? 0;
  }

  /** Makes a partition, empty. */
  open(topic: string, partition: number): void {
    this.records.set(`${topic}/${partition}`, []);
  }

  event(topic: string, partition: number, event: Event, { key, headers = '', visible = true }: Written = {}): LogRecord {
    return this.value(topic, partition, Buffer.from(encoder.encode(event)), { key: key ?? (event as { eventId?: Buffer }).eventId ?? '', visible, headers: [`ce_type=${classOf(event).stem}`, headers].filter(Boolean).join(',') });
  }

  value(topic: string, partition: number, value: Buffer | null, { key, headers = '', visible = true }: Written = {}): LogRecord {
    const place = `${topic}/${partition}`;
    const offset = this.end(place);
    const record = { topic, partition, offset, timestamp: this.now, key: key === undefined ? null : Buffer.from(key), value, headers: Buffer.from(headers), visible, stored: true };
    this.records.get(place)!.push(record);
    this.ends.set(place, offset + 1);
    return record;
  }

  /** The end of a transaction takes an offset of each partition that it wrote to. */
  marker(topic: string, partition: number): void {
    const place = `${topic}/${partition}`;
    this.ends.set(place, this.end(place) + 1);
  }

  copy(): MemoryLog {
    const copy = new MemoryLog();
    for (const [place, records] of this.records) copy.records.set(place, [...records]);
    for (const [place, end] of this.ends) copy.ends.set(place, end);
    copy.now = this.now;
    return copy;
  }
}

/** Writes events as one transaction: now and then it is aborted first, and written again. */
export function transaction(log: MemoryLog, random: Seeded, writes: readonly { topic: string; partition: number; event: Event; headers?: string }[], abortShare = 0.1): LogRecord[] {
  const places = new Set(writes.map(({ topic, partition }) => `${topic}/${partition}`));
  const mark = (): void => {
    for (const place of places) log.marker(place.slice(0, place.lastIndexOf('/')), Number(place.slice(place.lastIndexOf('/') + 1)));
  };
  if (random.chance(abortShare)) {
    for (const { topic, partition, event, headers } of writes.slice(0, 1 + random.below(writes.length))) log.event(topic, partition, event, { visible: false, ...(headers ? { headers } : {}) });
    mark();
  }
  const records = writes.map(({ topic, partition, event, headers }) => log.event(topic, partition, event, headers ? { headers } : {}));
  if (writes.length > 0) mark();
  return records;
}
