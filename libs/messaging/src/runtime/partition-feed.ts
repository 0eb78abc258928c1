import type { Read } from '../handlers/read.ts';
import type { PartitionReader } from '../kafka/partition-reader.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';

const longPollMs = 250;

/** Reads many partitions and hands out what came, partition by partition: for deciders and projections, whose rates are low. */
export class PartitionFeed {
  private readonly reader: Pick<PartitionReader, 'poll' | 'close'>;
  private readonly inputs: ReadonlyMap<string, InputTopic>;
  private readonly positions: Map<string, number>;
  private readonly ends = new Map<string, number>();
  private readonly behind: Set<string>;
  /** Offsets behind what waits, and behind what was handed out, of the places that moved. */
  private readonly fetched = new Map<string, number>();
  private readonly due = new Map<string, number>();
  /** By place the newest request that had been sent when records came last, and the newest one that found nothing behind its records, open transactions included. */
  private readonly cameBy = new Map<string, number>();
  private readonly emptyAt = new Map<string, number>();
  private waiting: Read[] = [];
  private fetching: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(reader: Pick<PartitionReader, 'poll' | 'close'>, inputs: readonly InputTopic[], positions: ReadonlyMap<string, number>) {
    this.reader = reader;
    this.inputs = new Map(inputs.map((input) => [`${input.name}/${input.partition}`, input]));
    this.positions = new Map(positions);
    this.behind = new Set(this.inputs.keys());
  }

  /** What came; empty after 250 ms without anything, later while a broker is silent (up to its request timeout), or when interrupted. @throws what a fetch met, from then on at every call */
  async take(): Promise<Read[]> {
    if (this.waiting.length === 0 && !this.failure && !this.closed) {
      this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
      await Promise.race([this.fetching, new Promise<void>((resolve) => (this.wake = resolve))]);
    }
    return this.takeNow();
  }

  takeNow(): Read[] {
    if (this.failure) throw this.failure;
    for (const [place, offset] of this.fetched) this.due.set(place, offset);
    this.fetched.clear();
    return this.waiting.splice(0);
  }

  /** Offsets behind what was handed out, of the partitions that moved since the last call. */
  offsets(): { topic: string; partition: number; offset: number }[] {
    const offsets = [...this.due].map(([place, offset]) => ({ topic: this.inputs.get(place)!.name, partition: this.inputs.get(place)!.partition, offset }));
    this.due.clear();
    return offsets;
  }

  /** Whether the newest fetch of each partition has reached its end. */
  get atEnd(): boolean {
    return this.behind.size === 0;
  }

  /**
   * Whether nothing is to come of these topics that was written before what came of them last: each was asked once more since, and held
   * nothing, also no open transaction. A transaction over several brokers can be read at one of them before it can at another.
   */
  settled(topics: ReadonlySet<string>): boolean {
    const places = [...this.inputs].filter(([, { topic }]) => topics.has(topic)).map(([place]) => place);
    const newest = Math.max(...places.map((place) => this.cameBy.get(place) ?? 0));
    return places.every((place) => (this.emptyAt.get(place) ?? 0) > newest);
  }

  lag(): Record<string, number> {
    const lag: Record<string, number> = {};
    for (const [place, input] of this.inputs) lag[input.topic] = (lag[input.topic] ?? 0) + Math.max(0, (this.ends.get(place) ?? 0) - (this.positions.get(place) ?? 0));
    return lag;
  }

  interrupt(): void {
    this.wake?.();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.reader.close();
    await this.fetching?.catch(() => undefined);
  }

  private async fetch(): Promise<void> {
    try {
      for (const batch of await this.reader.poll({ maxWaitMs: longPollMs })) {
        const place = `${batch.topic}/${batch.partition}`;
        const input = this.inputs.get(place);
        if (!input) continue;
        this.ends.set(place, batch.highWatermark);
        if (batch.atEnd) this.behind.delete(place);
        else this.behind.add(place);
        if (batch.next >= batch.highWatermark) this.emptyAt.set(place, batch.fetch);
        else this.emptyAt.delete(place);
        this.positions.set(place, batch.next);
        if (batch.records.length === 0) continue;
        this.cameBy.set(place, batch.arrived);
        this.fetched.set(place, batch.next);
        for (const read of decodeRecords(input, batch.records)) this.waiting.push(read);
      }
    } catch (error) {
      if (!this.closed) this.failure = error;
    }
  }
}
