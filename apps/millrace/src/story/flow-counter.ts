import { PartitionReader, type KafkaCluster } from '@millrace/messaging';
import { topicRanges } from '../client/topic-ranges.ts';

/** A topic to count, under the name that people know its records by. */
export interface CountedTopic {
  readonly what: string;
  readonly topic: string;
}

/** Counts records as they are committed, from the moment it is opened. */
export class FlowCounter {
  private readonly reader: PartitionReader;
  private readonly names: ReadonlyMap<string, string>;
  private readonly seen = new Map<string, number>();
  private closed = false;
  private readonly running: Promise<void>;

  private constructor(reader: PartitionReader, topics: readonly CountedTopic[]) {
    this.reader = reader;
    this.names = new Map(topics.map(({ what, topic }) => [topic, what]));
    for (const { what } of topics) this.seen.set(what, 0);
    this.running = this.run();
  }

  static async open(cluster: KafkaCluster, topics: readonly CountedTopic[]): Promise<FlowCounter> {
    const inputs: { topic: string; partition: number; offset: number; sparse: true }[] = [];
    for (const { topic } of topics) for (const [partition, { stable }] of await topicRanges(cluster, topic)) inputs.push({ topic, partition, offset: stable, sparse: true });
    return new FlowCounter(await PartitionReader.open(cluster, inputs), topics);
  }

  /** Records so far, by name; names that several topics share are added up. */
  get counts(): ReadonlyMap<string, number> {
    return this.seen;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.reader.close();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        for (const { topic, records } of await this.reader.poll()) {
          const what = this.names.get(topic)!;
          this.seen.set(what, this.seen.get(what)! + records.length);
        }
      } catch (error) {
        // A count for the eye is not worth ending a run for; the report reads everything again.
        if (!this.closed && (error as { retriable?: boolean }).retriable !== true) return;
      }
    }
  }
}
