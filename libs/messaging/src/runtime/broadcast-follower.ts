import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { decodeRecords } from './decoding.ts';
import { runBatch } from './stream-batch.ts';
import { handlersByStem, type StreamSpec } from './stream-spec.ts';

/** How long an owner may go on without having reached the end of its broadcast inputs. */
const staleAfterMs = 5000;

/**
 * Broadcast inputs of a loop: read whole from the start and delivered between batches. Their handlers fold only; what follows from
 * them is yielded by the state's `due`, so that an aborted transaction cannot lose it.
 */
export class BroadcastFollower {
  private readonly cluster: KafkaCluster;
  private readonly spec: StreamSpec;
  private readonly positions: Map<string, number>;
  private reader: PartitionReader | undefined;

  constructor(cluster: KafkaCluster, spec: StreamSpec) {
    this.cluster = cluster;
    this.spec = spec;
    this.positions = new Map(spec.broadcasts.map((input) => [input.name, 0]));
  }

  /** Delivers everything up to the end that a fetch sees. */
  async readToEnd(state: StreamState): Promise<void> {
    await this.poll(state);
  }

  /**
   * Delivers what is new, up to the end. True when something was.
   * @throws when the end cannot be reached within 5 s: a route may have been withdrawn without this owner knowing
   */
  async poll(state: StreamState): Promise<boolean> {
    if (this.spec.broadcasts.length === 0) return false;
    const deadline = performance.now() + staleAfterMs;
    let delivered = false;
    for (;;) {
      const { reads, atEnd } = await this.fetch(deadline);
      if (reads.length > 0) {
        delivered = true;
        await runBatch(reads, handlersByStem(this.spec.handlers.filter((handler) => handler.broadcast)), state, undefined, {});
      }
      if (atEnd) return delivered;
      if (performance.now() > deadline) throw new Error(`the end of ${[...this.positions.keys()].join(', ')} was not reached within ${staleAfterMs} ms`);
    }
  }

  async close(): Promise<void> {
    await this.reader?.close();
    this.reader = undefined;
  }

  private async fetch(deadline: number): Promise<{ reads: Read[]; atEnd: boolean }> {
    try {
      this.reader ??= await PartitionReader.open(this.cluster, this.spec.broadcasts.map((input) => ({ topic: input.name, partition: input.partition, offset: this.positions.get(input.name)! })));
      const reads: Read[] = [];
      const ended = new Set<string>();
      for (const batch of await within(deadline, this.reader.poll({ maxWaitMs: 0 }))) {
        const input = this.spec.broadcasts.find(({ name }) => name === batch.topic)!;
        reads.push(...decodeRecords(input, batch.records));
        this.positions.set(batch.topic, batch.next);
        if (batch.atEnd) ended.add(batch.topic);
      }
      return { reads, atEnd: ended.size === this.spec.broadcasts.length };
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

async function within<T>(deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a broadcast input did not answer within ${staleAfterMs} ms`)), Math.max(1, deadline - performance.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
