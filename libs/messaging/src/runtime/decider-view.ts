import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { evolveInOrder, observeAll, sequenceOf, type DeciderSpec } from './decider-spec.ts';
import { ruled } from './handler-failed.ts';
import type { LoopLog } from './loop-log.ts';
import { PartitionFeed } from './partition-feed.ts';
import { RestartingLoop } from './restarting-loop.ts';

/**
 * State of a decider in an instance that does not own it: for views, decides nothing. It folds the same topics as they are committed; of the inputs
 * it may know some that the owner has not decided on yet, which is no harm since `evolve` and `observe` touch different fields.
 */
export class DeciderView extends RestartingLoop {
  private readonly spec: DeciderSpec;
  private readonly cluster: KafkaCluster;
  private feed: PartitionFeed | undefined;
  private folded: unknown;
  /** Own events that came before one with a smaller number: each topic is fetched for itself. */
  private early: Read[] = [];
  private sequence = 0;

  constructor(spec: DeciderSpec, deps: { cluster: KafkaCluster; log: LoopLog }) {
    super(`${spec.service}.${spec.decider.name} (view)`, deps.log);
    this.spec = spec;
    this.cluster = deps.cluster;
  }

  /** Undefined until everything that was there at the start is folded. */
  get seen(): unknown {
    return this.state === 'running' ? this.folded : undefined;
  }

  protected override interrupt(): void {
    this.feed?.interrupt();
  }

  protected override async session(): Promise<void> {
    const { own, inputs, decider } = this.spec;
    const topics = [...own, ...inputs];
    const begin = new Map(topics.map(({ name, partition }) => [`${name}/${partition}`, 0]));
    const reader = await PartitionReader.open(this.cluster, topics.map(({ name, partition }) => ({ topic: name, partition, offset: 0, sparse: true })));
    const feed = (this.feed = new PartitionFeed(reader, topics, begin));
    const mine = new Set(own.map(({ topic }) => topic));
    [this.folded, this.early, this.sequence] = [decider.initial, [], 0];
    try {
      while (!this.stopping) {
        this.alive();
        const reads = await feed.take();
        this.observe(reads.filter(({ topic }) => !mine.has(topic)));
        this.evolve(reads.filter(({ topic }) => mine.has(topic)), feed.settled(mine));
        if (feed.atEnd && this.state !== 'running') this.ready();
      }
    } finally {
      await feed.close();
    }
  }

  protected override async ended(): Promise<void> {
    this.feed = undefined;
  }

  private observe(inputs: readonly Read[]): void {
    if (inputs.length > 0) this.folded = ruled(`${this.spec.decider.name} (observe)`, () => observeAll(this.spec, this.folded, inputs));
  }

  /** In the order of their numbers. `rest`: nothing more is to come for what waits, since the log does not hold it any more. */
  private evolve(own: readonly Read[], rest: boolean): void {
    const waiting = [...this.early, ...own].sort((a, b) => (sequenceOf(a) ?? 0) - (sequenceOf(b) ?? 0));
    const gap = rest ? -1 : waiting.findIndex((read, index) => (sequenceOf(read) ?? 0) > this.sequence + index);
    const due = waiting.splice(0, gap < 0 ? waiting.length : gap);
    this.early = waiting;
    if (due.length === 0) return;
    this.sequence = Math.max(this.sequence + due.length, (sequenceOf(due.at(-1)!) ?? 0) + 1);
    this.folded = ruled(`${this.spec.decider.name} (evolve)`, () => evolveInOrder(this.spec, this.folded, due));
  }
}
