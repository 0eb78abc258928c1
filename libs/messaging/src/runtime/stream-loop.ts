import { MillraceError } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import { nothingWritten, type Journal, type StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { Workspace } from '../workspace.ts';
import { BroadcastFollower } from './broadcast-follower.ts';
import { InputFeed } from './input-feed.ts';
import type { LoopLog } from './loop-log.ts';
import { Outputs } from './outputs.ts';
import { RestartingLoop } from './restarting-loop.ts';
import { SnapshotSchedule } from './snapshot-schedule.ts';
import type { Snapshots } from './snapshots.ts';
import { HandlerFailed, runBatch } from './stream-batch.ts';
import { committedPositions, foldTo, settle, type Committed, type Pending } from './stream-restore.ts';
import { handlersByStem, type StreamSpec } from './stream-spec.ts';

export interface StreamLoopDeps {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly snapshots: Snapshots;
  readonly log: LoopLog;
  /** Called between the steps of the transaction protocol: fail points of kill runs. */
  readonly pause?: ((step: string) => Promise<void>) | undefined;
}

/** State in memory and what it is a function of. */
interface Held {
  state: StreamState;
  broadcasts: BroadcastFollower;
  committed: Committed;
  /** Where reading goes on: ahead of the committed offsets only by control records. */
  positions: Map<string, number>;
  pending?: Pending;
}

/**
 * One lane or slot: fetches its inputs, hands them to the handlers, commits outputs and input offsets in one transaction, and
 * keeps the state equal to what is committed. Recipe: fence first, then read the committed offsets; memory follows the log.
 */
export class StreamLoop extends RestartingLoop {
  private readonly spec: StreamSpec;
  private readonly deps: StreamLoopDeps;
  private readonly outputs: Outputs;
  private readonly schedule: SnapshotSchedule;
  private held: Held | undefined;
  private feed: InputFeed | undefined;

  constructor(spec: StreamSpec, deps: StreamLoopDeps) {
    const name = deps.workspace.writerId(spec.service, spec.group, spec.model, spec.partition);
    super(name, deps.log);
    this.spec = spec;
    this.deps = deps;
    this.outputs = new Outputs({ workspace: deps.workspace, per: spec.per, partition: spec.partition });
    this.schedule = new SnapshotSchedule(name, deps.snapshots, deps.log);
  }

  /** Records behind by input topic, as far as the newest fetch knows. */
  override lag(): Record<string, number> {
    return this.feed?.lag() ?? {};
  }

  protected override interrupt(): void {
    this.feed?.interrupt();
  }

  protected override async session(): Promise<void> {
    const { cluster, workspace, pause } = this.deps;
    const { service, group, model, inputs } = this.spec;
    const writer = await TransactionalWriter.open(cluster, { transactionalId: this.name, group: workspace.group(service, group, model), ...(pause ? { pause } : {}) });
    try {
      const committed = await committedPositions(writer, this.spec, cluster);
      const held = await this.hold(committed);
      await held.broadcasts.readToEnd(held.state);
      const reader = await PartitionReader.open(cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: held.positions.get(input.topic)! })));
      const feed = (this.feed = new InputFeed(reader, inputs, held.positions, this.spec.per === 'lane'));
      this.ready();
      try {
        while (!this.stopping) await this.step(held, feed, writer);
      } finally {
        await feed.close();
      }
      await this.schedule.finish(held.state, held.positions);
    } finally {
      await writer.close();
    }
  }

  protected override async ended(): Promise<void> {
    await this.held?.broadcasts.close();
    await this.held?.state.close?.();
    this.held = undefined;
  }

  /** The state for the committed positions: the one in memory if it fits, else restored. */
  private async hold(committed: Committed): Promise<Held> {
    if (this.held) {
      if (settle(this.held, committed)) return this.held;
      this.deps.log.warn(`${this.name}: the committed positions are not those in memory; the state is restored`);
      await this.ended();
    }
    const state = this.spec.newState();
    if (state.snapshot && this.spec.per === 'lane' && this.spec.inputs.length > 1)
      throw new MillraceError('STATE_INVALID', `${this.name}: the merge of several inputs cannot be repeated, so a state of it cannot be folded from them`, { hint: 'keep only a mark, or read the lane\'s own output' });
    const broadcasts = new BroadcastFollower(this.deps.cluster, this.spec);
    const held: Held = { state, broadcasts, committed, positions: committed.positions };
    state.resume?.(committed.mark);
    if (state.restore && state.snapshot) {
      await broadcasts.readToEnd(state);
      await foldTo(committed.positions, state, this.spec, { ...this.deps, name: this.name, alive: () => this.alive() });
    }
    this.schedule.restored();
    return (this.held = held);
  }

  private async step(held: Held, feed: InputFeed, writer: TransactionalWriter): Promise<void> {
    this.alive();
    await held.broadcasts.poll(held.state);
    const reads = await feed.take(this.spec.batchSize);
    const next = feed.positions();
    await this.attempt(held, reads, next, writer);
  }

  /** Handles a batch and commits it; again from the start when a broadcast arrived meanwhile. */
  private async attempt(held: Held, reads: readonly Read[], next: Map<string, number>, writer: TransactionalWriter): Promise<void> {
    for (;;) {
      const journal: Journal = held.state.journal?.() ?? nothingWritten;
      this.outputs.clear();
      try {
        this.collectDue(held);
        await runBatch(reads, handlersByStem(this.spec.handlers), held.state, this.outputs, { 'messaging.destination.partition.id': this.spec.partition });
        if (this.outputs.count > 0 && (await held.broadcasts.poll(held.state))) {
          journal.undo();
          continue;
        }
      } catch (error) {
        journal.undo();
        throw error;
      }
      if (this.outputs.count === 0 && reads.length === 0) {
        journal.commit();
        held.positions = next;
        return;
      }
      const mark = held.state.mark?.();
      held.pending = { journal, next, mark };
      await this.commit(next, mark, writer);
      delete held.pending;
      journal.commit();
      held.committed = { positions: next, mark };
      held.positions = next;
      await this.schedule.committed(reads.length, held.state, held.positions);
      return;
    }
  }

  private collectDue(held: Held): void {
    if (!held.state.due) return;
    const publishes = this.spec.handlers.flatMap((handler) => [...handler.publishes]);
    try {
      for (const event of held.state.due({ partition: this.spec.partition, positions: held.positions })) this.outputs.add(event, publishes, undefined);
    } catch (error) {
      throw error instanceof MillraceError && error.retriable ? error : new HandlerFailed(`${this.spec.group} (due)`, error);
    }
  }

  private async commit(next: Map<string, number>, mark: number | undefined, writer: TransactionalWriter): Promise<void> {
    await writer.transact({
      sends: this.outputs.take(),
      offsets: this.spec.inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: next.get(input.topic)!, ...(mark === undefined ? {} : { metadata: String(mark) }) })),
    });
  }
}
