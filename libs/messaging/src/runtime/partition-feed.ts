import type { Read } from '../handlers/read.ts';
import type { PartitionReader } from '../kafka/partition-reader.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';

const longPollMs = 250;

/** Reads many partitions and hands out what came, partition by partition: for deciders and projections, whose rates are low. */
export class PartitionFeed {
  private readonly reader: PartitionReader;
  private readonly inputs: ReadonlyMap<string, InputTopic>;
  private readonly positions: Map<string, number>;
  private readonly ends = new Map<string, number>();
  private readonly behind: Set<string>;
  private moved = new Set<string>();
  private waiting: Read[] = [];
  private fetching: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(reader: PartitionReader, inputs: readonly InputTopic[], positions: ReadonlyMap<string, number>) {
    this.reader = reader;
    this.inputs = new Map(inputs.map((input) => [`${input.name}/${input.partition}`, input]));
    this.positions = new Map(positions);
    this.behind = new Set(this.inputs.keys());
  }

  /** What came; empty after 250 ms without anything, or when interrupted. @throws what a fetch met, from then on at every call */
  async take(): Promise<Read[]> {
    if (this.waiting.length === 0 && !this.failure && !this.closed) {
      this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
      await Promise.race([this.fetching, new Promise<void>((resolve) => (this.wake = resolve))]);
    }
    return this.takeNow();
  }

  takeNow(): Read[] {
    if (this.failure) throw this.failure;
    return this.waiting.splice(0);
  }

  /** Offsets behind what was handed out, of the partitions that moved since the last call. */
  offsets(): { topic: string; partition: number; offset: number }[] {
    const offsets = [...this.moved].map((place) => ({ topic: this.inputs.get(place)!.name, partition: this.inputs.get(place)!.partition, offset: this.positions.get(place)! }));
    this.moved = new Set();
    return offsets;
  }

  /** Whether the newest fetch of each partition has reached its end. */
  get atEnd(): boolean {
    return this.behind.size === 0;
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
        this.positions.set(place, batch.next);
        if (batch.records.length === 0) continue;
        this.moved.add(place);
        for (const read of decodeRecords(input, batch.records)) this.waiting.push(read);
      }
    } catch (error) {
      if (!this.closed) this.failure = error;
    }
  }
}
