import { MillraceError } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { PartitionReader } from '../kafka/partition-reader.ts';
import { CutShort } from './cut-short.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';
import { InputQueue, takeAny, takeInOrder } from './merge.ts';

const longPollMs = 250;
/** A record of one leader is handed over only when a later fetch has found nothing at the others, and that waits for their long polls. */
const spreadPollMs = 25;

/** Reads ahead while a batch is handled, bounded by records; and hands out batches in the order that the loop needs. */
export class InputFeed {
  private readonly reader: PartitionReader;
  private readonly inputs: readonly InputTopic[];
  private readonly queues: InputQueue[];
  private readonly ordered: boolean;
  private readonly target: Map<string, number> | undefined;
  private readonly cutShort = new CutShort();
  private readonly ends = new Map<string, number>();
  private fetching: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;
  private wake: (() => void) | undefined;

  /** `target`: offsets at which reading ends, for a fold; records behind them are not handed out. */
  constructor(reader: PartitionReader, inputs: readonly InputTopic[], from: ReadonlyMap<string, number>, ordered: boolean, target?: Map<string, number>) {
    this.reader = reader;
    this.inputs = inputs;
    this.ordered = ordered && inputs.length > 1;
    this.target = target;
    this.queues = inputs.map((input, rank) => new InputQueue(input.topic, rank, from.get(input.topic) ?? 0));
  }

  /**
   * Up to `limit` records; empty when nothing came within the long poll (250 ms), or, while a broker is silent, within its request timeout.
   * @throws what a fetch met, but only when everything before it has been handed out, and then at every call
   */
  async take(limit: number): Promise<Read[]> {
    let reads = this.takeNow(limit);
    if (reads.length === 0) {
      await this.fetch(limit);
      reads = this.takeNow(limit);
    }
    // The next fetch runs while this batch is handled.
    if (this.queues.reduce((sum, queue) => sum + queue.size, 0) < 2 * limit) void this.fetch(limit).catch(() => undefined);
    return reads;
  }

  /** Next offset by topic, behind everything that was handed out. */
  positions(): Map<string, number> {
    return new Map(this.queues.map((queue) => [queue.topic, queue.position]));
  }

  lag(): Record<string, number> {
    return Object.fromEntries(this.queues.map((queue) => [queue.topic, Math.max(0, (this.ends.get(queue.topic) ?? 0) - queue.position)]));
  }

  /** Whether a fold has handed out everything before its target. */
  reached(): boolean {
    return this.queues.every((queue) => queue.size === 0 && this.isRead(queue));
  }

  interrupt(): void {
    this.wake?.();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.reader.close();
    await this.fetching?.catch(() => undefined);
  }

  private takeNow(limit: number): Read[] {
    return this.ordered ? takeInOrder(this.queues, limit) : takeAny(this.queues, limit);
  }

  /** One fetch at a time; an error is thrown to whoever waits for it, and to all after it: the reader stands behind the records that it is about. */
  private async fetch(limit: number): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.closed) return;
    this.fetching ??= this.fetchOnce(limit).finally(() => (this.fetching = undefined));
    const interrupted = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([this.fetching, interrupted]);
    if (this.failure) throw this.failure;
  }

  private async fetchOnce(limit: number): Promise<void> {
    try {
      this.pauseFull(2 * limit);
      // A head that only waits for "a later fetch found the others empty" must not wait for a long poll.
      const blocked = this.queues.some((queue) => queue.head !== undefined);
      for (const batch of await this.reader.poll({ maxWaitMs: blocked ? 0 : this.ordered && this.reader.spread > 1 ? spreadPollMs : longPollMs })) {
        const index = this.inputs.findIndex((input) => input.name === batch.topic && input.partition === batch.partition);
        const queue = this.queues[index]!;
        const end = this.target?.get(queue.topic);
        if (end !== undefined) this.cutShort.check(batch, end);
        const records = end === undefined ? batch.records : batch.records.filter((record) => record.offset < end);
        const next = end === undefined ? batch.next : Math.min(batch.next, Math.max(end, queue.readTo));
        queue.add(decodeRecords(this.inputs[index]!, records), { ...batch, next });
        this.ends.set(queue.topic, batch.highWatermark);
      }
    } catch (error) {
      if (this.closed) return;
      this.failure = error instanceof Error ? error : new MillraceError('FETCH_FAILED', String(error), { retriable: true });
      throw this.failure;
    }
  }

  /** An input that waits for another one must not fill the memory meanwhile; one that a fold has read is done. */
  private pauseFull(most: number): void {
    this.queues.forEach((queue, index) => {
      const { name, partition } = this.inputs[index]!;
      if (queue.size >= most || this.isRead(queue)) this.reader.pause(name, partition);
      else this.reader.resume(name, partition);
    });
  }

  private isRead(queue: InputQueue): boolean {
    const end = this.target?.get(queue.topic);
    return end !== undefined && queue.readTo >= end;
  }
}
