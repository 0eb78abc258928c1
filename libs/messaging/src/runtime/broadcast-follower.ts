import { setTimeout as delay } from 'node:timers/promises';
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
/** Between two fetches that see less than the leaders say. */
const shortMs = 20;

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

  /**
   * Delivers everything from where it stands up to the ends that the leaders say: what was adopted from these inputs lies before them, though a fetch
   * may not see it for a while after an election.
   * @param proceed called between two requests; what it throws ends the reading
   * @throws when they cannot be reached within 60 s
   */
  async readToEnd(state: StreamState, proceed?: () => void): Promise<void> {
    await this.deliver(await this.read(firstReadMs, undefined, proceed), state);
  }

  /**
   * What is new, up to the end that a fetch sees; nothing is folded yet.
   * @throws when the end cannot be reached within 5 s: a route may have been withdrawn without this owner knowing
   */
  async arrived(): Promise<Arrived> {
    return this.read(staleAfterMs, asFetched);
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

  /** `known`: ends by `topic/partition` that must be reached; undefined: those that the leaders say. */
  private async read(withinMs: number, known: ReadonlyMap<string, number> | undefined, proceed?: () => void): Promise<Arrived> {
    const arrived: Arrived = { reads: [], next: new Map(this.positions) };
    if (this.spec.broadcasts.length === 0) return arrived;
    const deadline = performance.now() + withinMs;
    try {
      for (let ends = known; ; ) {
        proceed?.();
        ends ??= await this.before(deadline, this.ends());
        if (ends && (await this.fetch(arrived, ends, deadline))) return arrived;
        if (performance.now() > deadline) throw new Error(`${this.late} in time`);
      }
    } catch (error) {
      // What was read and not folded is read again.
      await this.close();
      throw error;
    }
  }

  /** One request; true when it saw the ends of all inputs. */
  private async fetch({ reads, next }: Arrived, ends: ReadonlyMap<string, number>, deadline: number): Promise<boolean> {
    const batches = await this.before(deadline, this.poll());
    for (const batch of batches) {
      const input = this.spec.broadcasts.find(({ name }) => name === batch.topic)!;
      for (const read of decodeRecords(input, batch.records)) reads.push(read);
      next.set(batch.topic, batch.next);
    }
    if (!this.spec.broadcasts.every(({ name }) => batches.some(({ topic, atEnd }) => topic === name && atEnd))) return false;
    if (ends.size === 0 || batches.every(({ topic, partition, next: reached }) => reached >= ends.get(`${topic}/${partition}`)!)) return true;
    await delay(shortMs);
    return false;
  }

  private async poll(): Promise<FetchedBatch[]> {
    return (this.reader ?? (await this.open())).poll({ maxWaitMs: 0 });
  }

  private async ends(): Promise<ReadonlyMap<string, number> | undefined> {
    return (this.reader ?? (await this.open())).ends();
  }

  private before<T>(deadline: number, answer: Promise<T>): Promise<T> {
    return withinTime(Math.max(1, Math.ceil(deadline - performance.now())), answer, this.late);
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

/** No ends that must be reached. */
const asFetched: ReadonlyMap<string, number> = new Map();

/** Records of broadcast inputs, and the offsets behind them by real topic name. */
export interface Arrived {
  readonly reads: Read[];
  readonly next: Map<string, number>;
}
