import type { Read } from '../handlers/read.ts';

/** What a loop has read of one of its inputs and not yet handed over. */
export class InputQueue {
  readonly topic: string;
  /** Place in the declared order; breaks ties of equal append times. */
  readonly rank: number;
  /** Offset behind what was handed over, over control and aborted records. */
  position: number;
  /** Offset behind what was read. */
  readTo: number;
  /** Number of the newest fetch that found nothing behind `readTo`; -1 = none yet. */
  emptyAsOf = -1;
  private waiting: { read: Read; fetch: number }[] = [];
  private taken = 0;

  constructor(topic: string, rank: number, position: number) {
    this.topic = topic;
    this.rank = rank;
    this.position = position;
    this.readTo = position;
  }

  get size(): number {
    return this.waiting.length - this.taken;
  }

  get head(): { read: Read; fetch: number } | undefined {
    return this.waiting[this.taken];
  }

  /**
   * Takes over what a fetch brought: records up to `next`, and whether the partition ended there. `fetch` is its number in the order
   * of sending, `arrived` the number of the newest fetch that had been sent when its answer came.
   */
  add(reads: readonly Read[], batch: { next: number; atEnd: boolean; fetch: number; arrived: number }): void {
    for (const read of reads) this.waiting.push({ read, fetch: batch.arrived });
    this.readTo = batch.next;
    if (batch.atEnd) this.emptyAsOf = batch.fetch;
    if (this.size === 0) this.position = batch.next;
  }

  take(): Read {
    const { read } = this.waiting[this.taken++]!;
    // Over control records behind it, and to the end of a batch that is one record because it cannot be decoded.
    this.position = this.head?.read.position ?? this.readTo;
    // What was handed over is let go: at once when nothing waits, else not one by one.
    if (this.taken === this.waiting.length || (this.taken > 4096 && this.taken * 2 > this.waiting.length)) {
      this.waiting = this.waiting.slice(this.taken);
      this.taken = 0;
    }
    return read;
  }
}

/**
 * Takes the records whose place in the total order is settled: the one with the smallest append time among the heads, and only
 * when every other input has been read past that time, or a later fetch found it empty. Without "later" the order would depend
 * on the order in which a broker reads the partitions of one fetch.
 *
 * @example heads 10, 30 and 20, the second input found empty by a later fetch: takes 10, 20, 30
 */
export function takeInOrder(queues: readonly InputQueue[], limit: number): Read[] {
  const out: Read[] = [];
  while (out.length < limit) {
    let next: InputQueue | undefined;
    for (const queue of queues) {
      if (!queue.head) continue;
      const best = next?.head;
      const time = queue.head.read.time;
      if (!best || time < best.read.time || (time === best.read.time && queue.rank < next!.rank)) next = queue;
    }
    if (!next) break;
    const { fetch } = next.head!;
    if (queues.some((queue) => queue !== next && !queue.head && queue.emptyAsOf <= fetch)) break;
    out.push(next.take());
  }
  return out;
}

/** Takes what waits, input by input: for states that are a function of the set of prefixes, whatever their order. */
export function takeAny(queues: readonly InputQueue[], limit: number): Read[] {
  const out: Read[] = [];
  for (const queue of queues) while (queue.head && out.length < limit) out.push(queue.take());
  return out;
}
