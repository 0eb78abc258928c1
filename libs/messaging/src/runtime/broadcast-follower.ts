import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader, type FetchedBatch } from '../kafka/partition-reader.ts';
import { withinTime } from '../kafka/time-limit.ts';
import { decodeRecords } from './decoding.ts';
import { runBatch } from './stream-batch.ts';
import { handlersByStem, type StreamHandler, type StreamSpec } from './stream-spec.ts';

/** How long an owner may go on without having reached the end of its broadcast inputs. */
const staleAfterMs = 5000;
/** The same before its first batch: there may be much to read, and nothing is answered yet. */
const firstReadMs = 60_000;

/**
 * Broadcast inputs of a loop: read whole from the start and delivered between batches. Their handlers fold only; what follows from
 * them is yielded by the state's `due`, so that an aborted transaction cannot lose it.
 */
export class BroadcastFollower {
  private readonly cluster: KafkaCluster;
  private readonly spec: StreamSpec;
  private readonly handlers: ReadonlyMap<string, StreamHandler>;
  /** Behind what was folded. */
  private readonly positions: Map<string, number>;
  private reader: PartitionReader | undefined;
  private openings = 0;
  private folding = false;

  constructor(cluster: KafkaCluster, spec: StreamSpec) {
    this.cluster = cluster;
    this.spec = spec;
    this.handlers = handlersByStem(spec.handlers.filter((handler) => handler.broadcast));
    this.positions = new Map(spec.broadcasts.map((input) => [input.name, 0]));
  }

  /** A fold broke off halfway: the state is neither the one before nor the one behind what arrived. */
  get broken(): boolean {
    return this.folding;
  }

  /** Delivers everything from where it stands up to the end that a fetch sees. */
  async readToEnd(state: StreamState): Promise<void> {
    await this.deliver(await this.arrived(firstReadMs), state);
  }

  /**
   * What is new, up to the end that a fetch sees; nothing is folded yet.
   * @throws when the end cannot be reached within 5 s: a route may have been withdrawn without this owner knowing
   */
  async arrived(withinMs = staleAfterMs): Promise<Arrived> {
    const arrived: Arrived = { reads: [], next: new Map(this.positions) };
    if (this.spec.broadcasts.length === 0) return arrived;
    const deadline = performance.now() + withinMs;
    try {
      for (;;) {
        if (await this.fetch(arrived, deadline)) return arrived;
        if (performance.now() > deadline) throw new Error(`${this.late} in time`);
      }
    } catch (error) {
      // What was read and not folded is read again.
      await this.close();
      throw error;
    }
  }

  /** Folds what has arrived; it counts as read only when all of it is folded. */
  async deliver({ reads, next }: Arrived, state: StreamState): Promise<void> {
    if (reads.length > 0) {
      this.folding = true;
      await runBatch(reads, this.handlers, state, undefined, {});
      this.folding = false;
    }
    for (const [topic, position] of next) this.positions.set(topic, position);
  }

  async close(): Promise<void> {
    this.openings++;
    const { reader } = this;
    this.reader = undefined;
    await reader?.close();
  }

  /** One request; true when it saw the ends of all inputs. */
  private async fetch({ reads, next }: Arrived, deadline: number): Promise<boolean> {
    const batches = await withinTime(Math.max(1, Math.ceil(deadline - performance.now())), this.poll(), this.late);
    for (const batch of batches) {
      const input = this.spec.broadcasts.find(({ name }) => name === batch.topic)!;
      for (const read of decodeRecords(input, batch.records)) reads.push(read);
      next.set(batch.topic, batch.next);
    }
    return this.spec.broadcasts.every(({ name }) => batches.some(({ topic, atEnd }) => topic === name && atEnd));
  }

  private async poll(): Promise<FetchedBatch[]> {
    return (this.reader ?? (await this.open())).poll({ maxWaitMs: 0 });
  }

  private async open(): Promise<PartitionReader> {
    const opening = ++this.openings;
    const reader = await PartitionReader.open(this.cluster, this.spec.broadcasts.map((input) => ({ topic: input.name, partition: input.partition, offset: this.positions.get(input.name)! })));
    if (opening === this.openings) return (this.reader = reader);
    // Given up meanwhile, since the broker took too long: another one may stand further on.
    await reader.close();
    throw new Error(`${this.late} in time`);
  }

  private get late(): string {
    return `the end of ${this.spec.broadcasts.map(({ name }) => name).join(', ')} was not reached`;
  }
}

/** Records of broadcast inputs, and the offsets behind them by real topic name. */
export interface Arrived {
  readonly reads: Read[];
  readonly next: Map<string, number>;
}
