import { randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import { RecordParser, printFormat, type PrintedRecord } from '../kcat/record-parser.ts';
import { kcatOutput } from '../kcat/run-kcat.ts';
import { listTopics, offsetsOf, settledEnds } from '../kcat/watermarks.ts';
import type { LogRange, LogRecord, LogSource } from './log-record.ts';
import { cutOrder, topicOf } from './topic-kind.ts';

export interface KafkaLogOptions {
  readonly brokers: string;
  /** Prefix of the workspace's topics; '' for none. */
  readonly workspace: string;
  /** How long open transactions may take to end. Default 60,000. */
  readonly timeoutMs?: number;
}

/**
 * All topics of a workspace by kcat (librdkafka), each partition by two readers at once: read_uncommitted gives the records, and
 * read_committed says which of them are visible. Nothing is kept: memory does not grow with the log.
 */
export class KafkaLog implements LogSource {
  readonly ranges: readonly LogRange[];
  private readonly brokers: string;
  private readonly prefix: string;

  private constructor(brokers: string, prefix: string, ranges: readonly LogRange[]) {
    this.brokers = brokers;
    this.prefix = prefix;
    this.ranges = ranges;
  }

  /** @throws MillraceError KCAT_MISSING, KCAT_FAILED, TRANSACTION_OPEN; NOTHING_TO_VERIFY when the workspace has no topics */
  static async open({ brokers, workspace, timeoutMs = 60_000 }: KafkaLogOptions): Promise<KafkaLog> {
    const prefix = workspace === '' ? '' : `${workspace}.`;
    const topics = [...(await listTopics(brokers))].flatMap(([name, partitions]) => {
      const kind = name.startsWith(prefix) ? topicOf(name.slice(prefix.length)) : undefined;
      return kind ? [{ name, kind: kind.kind, partitions }] : [];
    });
    if (topics.length === 0) throw new MillraceError('NOTHING_TO_VERIFY', `${brokers} has no topics of the workspace '${workspace}'`, { hint: 'look at MILLRACE_WORKSPACE and at the brokers' });
    const ranges: LogRange[] = [];
    for (const kinds of cutOrder) {
      const places = topics.filter(({ kind }) => kinds.includes(kind)).flatMap(({ name, partitions }) => Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })));
      const ends = await settledEnds(brokers, places, timeoutMs);
      const lows = await offsetsOf(brokers, places, 'low');
      places.forEach(({ topic, partition }, i) => ranges.push({ topic: topic.slice(prefix.length), partition, low: lows[i]!, end: ends[i]! }));
    }
    return new KafkaLog(brokers, prefix, ranges);
  }

  async *read({ topic, partition, low, end }: LogRange): AsyncGenerator<readonly LogRecord[]> {
    if (end <= low) return;
    const visible = new VisibleOffsets(this.committed(topic, partition, end));
    try {
      for await (const printed of this.stored(topic, partition, end)) {
        const records: LogRecord[] = [];
        for (const record of printed) {
          // An await for each record would cost more than the record.
          if (visible.isEmpty) await visible.more();
          while (visible.next < record.offset) {
            records.push(onlyVisible(topic, partition, visible.take()));
            if (visible.isEmpty) await visible.more();
          }
          const isVisible = visible.next === record.offset;
          if (isVisible) visible.take();
          records.push({ topic, partition, offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers, visible: isVisible, stored: true });
        }
        yield records;
      }
      const rest: LogRecord[] = [];
      for (await visible.more(); visible.next < Infinity; await visible.more()) rest.push(onlyVisible(topic, partition, visible.take()));
      if (rest.length > 0) yield rest;
    } finally {
      await visible.close();
    }
  }

  private async *stored(topic: string, partition: number, end: number): AsyncGenerator<readonly PrintedRecord[]> {
    const word = randomBytes(12).toString('hex');
    const parser = new RecordParser(word);
    for await (const piece of kcatOutput(this.consume(topic, partition, 'read_uncommitted', printFormat(word)))) {
      const records = parser.add(piece);
      const within = records.filter(({ offset }) => offset < end);
      if (within.length > 0) yield within;
      if (within.length < records.length || records.at(-1)?.offset === end - 1) return;
    }
  }

  private async *committed(topic: string, partition: number, end: number): AsyncGenerator<number[]> {
    let rest = '';
    for await (const piece of kcatOutput(this.consume(topic, partition, 'read_committed', '%o\\n'))) {
      const lines = (rest + piece.toString('latin1')).split('\n');
      rest = lines.pop()!;
      const offsets = lines.map(Number);
      const within = offsets.filter((offset) => offset < end);
      if (within.length > 0) yield within;
      if (within.length < offsets.length || offsets.at(-1) === end - 1) return;
    }
  }

  private consume(topic: string, partition: number, isolation: string, format: string): string[] {
    return [
      '-b', this.brokers, '-C', '-t', this.prefix + topic, '-p', String(partition), '-o', 'beginning', '-e', '-q',
      '-X', `isolation.level=${isolation}`, '-X', 'check.crcs=true', '-X', 'fetch.wait.max.ms=50', '-X', 'queued.max.messages.kbytes=16384', '-f', format,
    ];
  }
}

/** Offsets that read_committed shows, one after the other; Infinity after the last. */
class VisibleOffsets {
  private readonly pieces: AsyncGenerator<number[]>;
  private piece: number[] = [];
  private at = 0;
  private ended = false;

  constructor(pieces: AsyncGenerator<number[]>) {
    this.pieces = pieces;
  }

  get isEmpty(): boolean {
    return !this.ended && this.at >= this.piece.length;
  }

  /** The next one, after `more` where it is empty. */
  get next(): number {
    return this.piece[this.at] ?? Infinity;
  }

  take(): number {
    return this.piece[this.at++]!;
  }

  /** Waits for the next ones where none are left. */
  async more(): Promise<void> {
    while (this.isEmpty) {
      const { value, done } = await this.pieces.next();
      this.ended = done === true;
      this.piece = value ?? [];
      this.at = 0;
    }
  }

  async close(): Promise<void> {
    await this.pieces.return(undefined);
  }
}

function onlyVisible(topic: string, partition: number, offset: number): LogRecord {
  return { topic, partition, offset, timestamp: Number.NaN, key: null, value: null, headers: Buffer.alloc(0), visible: true, stored: false };
}
