import { MillraceError, classOf, type EventClass } from '@millrace/contracts';
import type { ProjectionStore } from '../handlers/projection-store.ts';
import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { InputTopic } from './decoding.ts';
import type { LoopLog } from './loop-log.ts';
import { PartitionFeed } from './partition-feed.ts';
import { RestartingLoop } from './restarting-loop.ts';
import { HandlerFailed } from './stream-batch.ts';

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
  private feed: PartitionFeed | undefined;

  constructor(spec: ProjectionSpec, deps: { cluster: KafkaCluster; log: LoopLog }) {
    super(spec.name, deps.log);
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
    for (const input of inputs) positions.set(`${input.name}/${input.partition}`, await store.position(name, input.topic, input.partition));
    const reader = await PartitionReader.open(this.cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: positions.get(`${input.name}/${input.partition}`)!, sparse: true })));
    const feed = (this.feed = new PartitionFeed(reader, inputs, positions));
    this.ready();
    try {
      while (!this.stopping) {
        this.alive();
        const reads = await feed.take();
        if (reads.length > 0) await this.write(reads, positions, feed.offsets());
      }
    } finally {
      await feed.close();
    }
  }

  protected override async ended(): Promise<void> {
    this.feed = undefined;
  }

  private async write(reads: readonly Read[], positions: Map<string, number>, offsets: { topic: string; partition: number; offset: number }[]): Promise<void> {
    for (const { topic, partition, offset } of offsets) {
      const place = `${topic}/${partition}`;
      const input = this.spec.inputs.find((candidate) => candidate.name === topic && candidate.partition === partition)!;
      const own = reads.filter((read) => read.topic === input.topic && read.partition === partition);
      const step = { projection: this.spec.name, topic: input.topic, partition, expected: positions.get(place)!, next: offset };
      await this.spec.store.transact(step, async (tx) => {
        for (const handler of this.spec.handlers) await this.project(handler, own.filter((read) => classOf(read.event).stem === handler.event.stem), tx);
      });
      positions.set(place, offset);
    }
  }

  private async project(handler: ProjectionHandler, reads: readonly Read[], tx: unknown): Promise<void> {
    if (reads.length === 0) return;
    try {
      await handler.project(reads, tx);
    } catch (error) {
      // A database that is away comes back; a rule that fails would fail again.
      if ((error instanceof MillraceError && !error.retriable) || error instanceof TypeError) throw new HandlerFailed(handler.event.stem, error);
      throw error;
    }
  }
}
