import { MillraceError, type EventClass } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { Workspace } from '../workspace.ts';
import { BroadcastFollower, type Arrived } from './broadcast-follower.ts';
import type { Claim } from './claim.ts';
import { isAhead, noteOf, readCommitted, transactionAfter, type Committed } from './committed.ts';
import { handlerError } from './handler-failed.ts';
import { InputFeed } from './input-feed.ts';
import type { LoopLog } from './loop-log.ts';
import { Outputs } from './outputs.ts';
import { markProgress } from './progress.ts';
import { RestartingLoop } from './restarting-loop.ts';
import { SnapshotSchedule } from './snapshot-schedule.ts';
import type { Snapshots } from './snapshots.ts';
import { runBatch } from './stream-batch.ts';
import { foldTo, settle, type Pending } from './stream-restore.ts';
import { handlersByStem, type StreamHandler, type StreamSpec } from './stream-spec.ts';

export interface StreamLoopDeps {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly snapshots: Snapshots;
  readonly log: LoopLog;
  /** Why its owner believes that it is the only one. Default: nobody else is. */
  readonly claim?: Claim | undefined;
  /** Called between the steps of the transaction protocol: fail points of kill runs. */
  readonly pause?: ((step: string) => Promise<void>) | undefined;
}

/** State in memory and what it is a function of. */
interface Held {
  state: StreamState;
  broadcasts: BroadcastFollower;
  committed: Committed;
  /** Where reading goes on: ahead of the committed offsets only by aborted and control records. */
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
  private readonly handlers: ReadonlyMap<string, StreamHandler>;
  private readonly publishes: readonly EventClass[];
  private held: Held | undefined;
  private feed: InputFeed | undefined;

  constructor(spec: StreamSpec, deps: StreamLoopDeps) {
    const name = deps.workspace.writerId(spec.service, spec.group, spec.model, spec.partition);
    super(name, deps.log, deps.claim);
    this.spec = spec;
    this.deps = deps;
    this.outputs = new Outputs({ workspace: deps.workspace, per: spec.per, partition: spec.partition });
    this.schedule = new SnapshotSchedule(name, deps.snapshots, deps.log);
    this.handlers = handlersByStem(spec.handlers);
    this.publishes = spec.handlers.flatMap((handler) => [...handler.publishes]);
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
      const committed = await readCommitted(writer, this.spec, cluster, this.log, () => this.proceed());
      const held = await this.hold(committed);
      await held.broadcasts.readToEnd(held.state, () => this.proceed());
      const reader = await PartitionReader.open(cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: held.positions.get(input.topic)!, keepsPoison: input.stream !== undefined })));
      const feed = (this.feed = new InputFeed(reader, inputs, held.positions, this.spec.per === 'lane'));
      this.ready();
      try {
        while (!this.stopping) await this.step(held, feed, writer);
      } finally {
        await feed.close();
      }
      // Not the positions in memory: those may be ahead by control records, and a snapshot ahead of the offsets is of no use.
      await this.schedule.finish(held.state, held.committed.positions);
    } finally {
      await writer.close();
    }
  }

  protected override async ended(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    await held?.broadcasts.close();
    await held?.state.close?.();
  }

  /** The state for the committed positions: the one in memory if it fits, else restored. */
  private async hold(committed: Committed): Promise<Held> {
    if (this.held) {
      const { broken } = this.held.broadcasts;
      if (!broken && settle(this.held, committed)) return this.held;
      // What lies behind was answered by a broker that knows less than this process.
      if (!broken && isAhead(committed, this.held.committed)) this.otherOwnerSeen();
      this.log.warn(`${this.name}: the state in memory is not the committed one; it is restored`);
      await this.ended();
    }
    const state = this.spec.newState();
    const held: Held = { state, broadcasts: new BroadcastFollower(this.deps.cluster, this.spec), committed, positions: committed.positions };
    try {
      this.schedule.restored(await this.restore(held));
    } catch (error) {
      await held.broadcasts.close();
      await state.close?.();
      throw error;
    }
    return (this.held = held);
  }

  /** @returns how many offsets were folded, which no snapshot has yet */
  private async restore({ state, broadcasts, committed }: Held): Promise<number> {
    if (state.snapshot && this.spec.per === 'lane' && this.spec.inputs.length > 1)
      throw new MillraceError('STATE_INVALID', `${this.name}: the merge of several inputs cannot be repeated, so a state of it cannot be folded from them`, { hint: 'keep only a mark, or read the lane\'s own output' });
    state.resume?.(committed.mark);
    if (!state.restore || !state.snapshot) return 0;
    const proceed = (): void => this.proceed();
    await broadcasts.readToEnd(state, proceed);
    return foldTo(committed, state, this.spec, { ...this.deps, name: this.name, proceed });
  }

  private async step(held: Held, feed: InputFeed, writer: TransactionalWriter): Promise<void> {
    this.alive();
    await held.broadcasts.deliver(await held.broadcasts.arrived(), held.state);
    const reads = await feed.take(this.spec.batchSize);
    const next = feed.positions();
    if (reads.length > 0) await failPoint('batch.taken');
    while (!(await this.attempt(held, reads, next, writer))) continue;
  }

  /** Handles a batch and commits it. False when a broadcast came first: then nothing has happened but its delivery. */
  private async attempt(held: Held, reads: readonly Read[], positions: Map<string, number>, writer: TransactionalWriter): Promise<boolean> {
    const journal = held.state.journal();
    this.outputs.clear();
    let arrived: Arrived | undefined;
    let isDue: boolean;
    try {
      this.collectDue(held);
      isDue = this.outputs.count > 0;
      if (isDue) await failPoint('due.said');
      await runBatch(reads, this.handlers, held.state, this.outputs, { 'messaging.destination.partition.id': this.spec.partition });
      if (this.outputs.count > 0) arrived = await held.broadcasts.arrived();
    } catch (error) {
      journal.undo();
      throw error;
    }
    if (arrived && arrived.reads.length > 0) {
      // First undone, then delivered: what a broadcast changes is not to be taken back.
      journal.undo();
      await held.broadcasts.deliver(arrived, held.state);
      return false;
    }
    if (this.outputs.count === 0 && reads.length === 0 && !this.mustCommit(held, positions)) {
      journal.commit();
      held.positions = positions;
      await this.schedule.look(held.state, held.committed.positions);
      return true;
    }
    const next: Committed = { positions, fresh: new Set(), mark: held.state.mark?.(), transaction: transactionAfter(held.committed.transaction), era: held.committed.era };
    held.pending = { journal, next };
    await failPoint('batch.handled');
    await this.commit(next, writer);
    if (isDue) await failPoint('due.committed');
    delete held.pending;
    journal.commit();
    held.committed = next;
    held.positions = positions;
    await failPoint('batch.ended');
    await this.schedule.committed(reads.length, held.state, positions);
    return true;
  }

  /** Offsets that only aborted and control records have moved: they too are committed in time, else a start would look for what retention has taken. */
  private mustCommit({ committed }: Held, positions: ReadonlyMap<string, number>): boolean {
    return this.schedule.isTime && [...positions].some(([topic, offset]) => offset > committed.positions.get(topic)!);
  }

  private collectDue({ state, positions }: Held): void {
    try {
      for (const event of state.due?.({ partition: this.spec.partition, positions }) ?? []) this.outputs.add({ event, publishes: this.publishes, cause: undefined });
    } catch (error) {
      throw handlerError(`${this.spec.group} (due)`, error);
    }
  }

  private async commit(next: Committed, writer: TransactionalWriter): Promise<void> {
    const metadata = noteOf(next);
    const sends = this.outputs.take();
    const offsets = this.spec.inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: next.positions.get(input.topic)!, metadata }));
    markProgress(sends, offsets, metadata);
    await writer.transact({ sends, offsets });
  }
}
