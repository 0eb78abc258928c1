import { MillraceError, type EventClass } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';
import type { ProjectionStore } from '../handlers/projection-store.ts';
import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { OffsetOutOfRange } from '../kafka/fetch-trouble.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { Claim } from './claim.ts';
import type { InputTopic } from './decoding.ts';
import { HandlerFailed } from './handler-failed.ts';
import type { LoopLog } from './loop-log.ts';
import { PartitionFeed } from './partition-feed.ts';
import { RestartingLoop, wasMovedElsewhere } from './restarting-loop.ts';
import { runsOf } from './runs.ts';

export interface ProjectionHandler {
  readonly event: EventClass;
  project(batch: Iterable<Read>, tx: unknown): Promise<void>;
}

export interface ProjectionSpec {
  /** Name of the projection: of its store and of the service. */
  readonly name: string;
  readonly store: ProjectionStore<unknown>;
  readonly handlers: readonly ProjectionHandler[];
  /** All partitions of its topics. */
  readonly inputs: readonly InputTopic[];
}

/** Keeps a store equal to topics: rows and position move in one step, so that running twice writes nothing twice. */
export class ProjectionLoop extends RestartingLoop {
  private readonly spec: ProjectionSpec;
  private readonly cluster: KafkaCluster;
  /** First offsets of partitions whose earlier records were deleted. */
  private readonly beginnings = new Map<string, number>();
  private feed: PartitionFeed | undefined;

  constructor(spec: ProjectionSpec, deps: { cluster: KafkaCluster; log: LoopLog; claim?: Claim | undefined }) {
    super(spec.name, deps.log, deps.claim);
    this.spec = spec;
    this.cluster = deps.cluster;
  }

  override lag(): Record<string, number> {
    return this.feed?.lag() ?? {};
  }

  protected override interrupt(): void {
    this.feed?.interrupt();
  }

  protected override async session(): Promise<void> {
    const { inputs, store, name } = this.spec;
    const positions = new Map<string, number>();
    for (const input of inputs) positions.set(placeOf(input), await store.position(name, input.topic, input.partition));
    const from = new Map([...positions].map(([place, position]) => [place, position === 0 ? (this.beginnings.get(place) ?? 0) : position]));
    const reader = await PartitionReader.open(this.cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: from.get(placeOf(input))!, sparse: true })));
    const feed = (this.feed = new PartitionFeed(reader, inputs, from));
    this.ready();
    try {
      while (!this.stopping) {
        this.alive();
        const reads = await feed.take();
        if (reads.length > 0) await this.write(reads, positions, feed.offsets());
        await store.due(feed.atEnd);
      }
    } catch (error) {
      if (wasMovedElsewhere(error)) this.otherOwnerSeen();
      if (!this.beginsLater(error, positions)) throw error;
    } finally {
      await feed.close();
    }
  }

  protected override async ended(): Promise<void> {
    this.feed = undefined;
    await this.spec.store.release();
  }

  /** A store that holds nothing of a partition yet begins where its log does; one that misses records in between is refused. */
  private beginsLater(error: unknown, positions: ReadonlyMap<string, number>): boolean {
    if (!(error instanceof OffsetOutOfRange) || error.low <= error.offset) return false;
    const place = placeOf({ name: error.topic, partition: error.partition });
    if (positions.get(place) !== 0) return false;
    this.log.warn(`${this.name}: ${place} begins at offset ${error.low}: what stood before was deleted by retention`);
    this.beginnings.set(place, error.low);
    return true;
  }

  private async write(reads: readonly Read[], positions: Map<string, number>, offsets: { topic: string; partition: number; offset: number }[]): Promise<void> {
    for (const { topic, partition, offset } of offsets) {
      const place = placeOf({ name: topic, partition });
      const input = this.spec.inputs.find((candidate) => placeOf(candidate) === place)!;
      const own = reads.filter((read) => read.topic === input.topic && read.partition === partition);
      const step = { projection: this.spec.name, topic: input.topic, partition, expected: positions.get(place)!, next: offset };
      await failPoint('projection.read');
      await this.spec.store.transact(step, (tx) => this.project(own, tx));
      await failPoint('projection.written');
      positions.set(place, offset);
    }
  }

  /** In runs of one event: what a topic holds of one lifecycle keeps its order. */
  private async project(reads: readonly Read[], tx: unknown): Promise<void> {
    for (const [stem, run] of runsOf(reads)) {
      const handler = this.spec.handlers.find(({ event }) => event.stem === stem);
      if (handler) await this.hand(handler, run, tx);
    }
  }

  private async hand(handler: ProjectionHandler, reads: readonly Read[], tx: unknown): Promise<void> {
    try {
      await handler.project(reads, tx);
    } catch (error) {
      // A database that is away comes back; a rule that fails would fail again.
      if (error instanceof MillraceError ? !error.retriable : isFault(error)) throw new HandlerFailed(handler.event.stem, error);
      throw error;
    }
  }
}

const placeOf = ({ name, partition }: Pick<InputTopic, 'name' | 'partition'>): string => `${name}/${partition}`;

/** Errors of the language are errors of a rule; drivers have classes of their own. */
function isFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError;
}
