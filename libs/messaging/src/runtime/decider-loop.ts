import { MillraceError, classOf, type Event, type EventClass } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';
import type { JobOrder } from '../handlers/job.ts';
import { Tick } from '../handlers/local-event.ts';
import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { TransactionFailed } from '../kafka/transaction-failed.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { Workspace } from '../workspace.ts';
import type { Claim } from './claim.ts';
import { committedOf, decidersNote, refuseHanging } from './decider-offsets.ts';
import { decideOn, evolveInOrder, observeAll, sequenceAfter, type DeciderSpec, type Said } from './decider-spec.ts';
import { EventNumbers } from './event-numbers.ts';
import { HandlerFailed, handlerError, ruled } from './handler-failed.ts';
import { Inbox, localRead, type InboxItem } from './inbox.ts';
import { JobCauses } from './job-causes.ts';
import type { JobEnd } from './job-supervisor.ts';
import type { LoopLog } from './loop-log.ts';
import { Outputs } from './outputs.ts';
import { PartitionFeed } from './partition-feed.ts';
import { markProgress } from './progress.ts';
import { readTopics } from './read-topics.ts';
import { RestartingLoop } from './restarting-loop.ts';
import { activeHeaders, causeOf, recordDecision, type Cause } from './trace.ts';

export interface DeciderLoopDeps {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly log: LoopLog;
  readonly now: () => number;
  /** Called after each change of state with the jobs that should run, and what each follows from. */
  readonly wanted?: (orders: readonly JobOrder[], causes: Pick<JobCauses, 'of'>) => void;
  /** Why its owner believes that it is the only one. Default: nobody else is. */
  readonly claim?: Claim | undefined;
  /** Called between the steps of the transaction protocol: fail points of kill runs. */
  readonly pause?: ((step: string) => Promise<void>) | undefined;
}

/** What an input led to. */
type Decided = { readonly state: unknown; readonly events: Event[]; readonly cause: Cause | undefined };
type Place = { topic: string; partition: number; offset: number };

/** Longest wait for an answer; a door that hangs holds up its callers and the end of the service. */
const answerWithinMs = 10_000;

/**
 * The one active instance of a decider. Start: fence, fold the own events, read the committed offsets, fold the inputs up to them.
 * Then each input (records, ticks, doors, ends of jobs) leads to events; events and offsets are one transaction.
 */
export class DeciderLoop extends RestartingLoop {
  private readonly spec: DeciderSpec;
  private readonly deps: DeciderLoopDeps;
  private readonly outputs: Outputs;
  private readonly inbox = new Inbox();
  private readonly jobCauses = new JobCauses();
  private feed: PartitionFeed | undefined;
  private folded: unknown;
  private readonly numbers = new EventNumbers();
  /** Inputs without a committed offset. */
  private unset: Place[] = [];
  private wake: (() => void) | undefined;

  constructor(spec: DeciderSpec, deps: DeciderLoopDeps) {
    super(deps.workspace.writerId(spec.service, spec.decider.name, undefined, 0), deps.log, deps.claim);
    this.spec = spec;
    this.deps = deps;
    this.outputs = new Outputs({ workspace: deps.workspace, per: 'one', partition: 0 });
  }

  override lag(): Record<string, number> {
    return this.feed?.lag() ?? {};
  }

  /** State as committed; undefined until the first start is done. */
  get decided(): unknown {
    return this.state === 'running' ? this.folded : undefined;
  }

  /**
   * Asks the decider, in the trace of the caller; the answer is its committed events.
   * @throws the decider's refusal; MillraceError NOT_READY (retriable: nothing was decided) or DECISION_UNKNOWN (retriable)
   */
  ask(event: Event): Promise<Event[]> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(this.inbox.withdraw(item) ? this.notReady('has not begun') : this.unknown()), answerWithinMs).unref();
      const item: InboxItem = { read: localRead(event, this.deps.now(), activeHeaders()), answer: { resolve: (events) => (clearTimeout(late), resolve(events)), reject: (error) => (clearTimeout(late), reject(error as Error)) } };
      this.offer(item);
    });
  }

  /** Hands over how a job ended, with the trace context that its events carry on. */
  end(order: JobOrder, { events, headers }: JobEnd, publishes: readonly EventClass[]): void {
    const [event] = events;
    if (event) this.offer({ read: localRead(event, this.deps.now(), headers), end: { job: order.job, id: order.id, events, publishes } });
  }

  /** Once per second from the runtime; one at a time, however long a transaction takes. */
  tick(): void {
    if (this.state !== 'running' || this.inbox.holds(Tick.stem) || !this.handles(Tick.stem)) return;
    this.offer({ read: localRead(new Tick(this.deps.now()), this.deps.now()) });
  }

  protected override interrupt(): void {
    this.wake?.();
    this.feed?.interrupt();
  }

  protected override async session(): Promise<void> {
    const { cluster, workspace, pause } = this.deps;
    const { service, decider } = this.spec;
    const writer = await TransactionalWriter.open(cluster, { transactionalId: this.name, group: workspace.group(service, decider.name), ...(pause ? { pause } : {}) });
    try {
      await this.follow(writer, await this.restore(writer));
    } finally {
      this.refuseWaiting('begins again');
      await writer.close();
    }
  }

  /** Folds what is committed. Apart from the session, which would keep all that is read here for as long as it lasts. @returns where its inputs go on */
  private async restore(writer: TransactionalWriter): Promise<Map<string, number>> {
    const { cluster } = this.deps;
    const { decider, inputs } = this.spec;
    const proceed = (): void => this.proceed();
    await refuseHanging(this.spec, cluster);
    const own = await readTopics(cluster, this.spec.own, undefined, proceed);
    if (this.numbers.found(sequenceAfter(own))) this.otherOwnerSeen();
    const evolved = ruled(`${decider.name} (evolve)`, () => evolveInOrder(this.spec, decider.initial, own));
    const committed = await committedOf(this.spec, writer, own, this.log);
    const positions = new Map([...committed].map(([place, { offset }]) => [place, Math.max(0, offset)]));
    this.unset = inputs.filter((input) => committed.get(placeOf(input.name, input.partition))!.offset < 0).map(({ name, partition }) => ({ topic: name, partition, offset: 0 }));
    const seen = await readTopics(cluster, inputs, positions, proceed);
    this.folded = ruled(`${decider.name} (observe)`, () => observeAll(this.spec, evolved, seen));
    if (this.orders(this.folded).length > 0) this.jobCauses.restore(this.spec, own, seen);
    return positions;
  }

  protected override async ended(): Promise<void> {
    this.refuseWaiting('does not run');
  }

  private async follow(writer: TransactionalWriter, positions: Map<string, number>): Promise<void> {
    const { inputs } = this.spec;
    if (inputs.length > 0) {
      const reader = await PartitionReader.open(this.deps.cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: positions.get(placeOf(input.name, input.partition))!, sparse: true })));
      this.feed = new PartitionFeed(reader, inputs, positions);
    }
    try {
      this.announceJobs();
      this.ready();
      while (!this.stopping) await this.step(writer);
    } finally {
      await this.feed?.close();
      this.feed = undefined;
    }
  }

  private async step(writer: TransactionalWriter): Promise<void> {
    this.alive();
    const reads = this.inbox.size > 0 ? (this.feed?.takeNow() ?? []) : await this.next();
    const items = this.inbox.take();
    if (reads.length === 0 && items.length === 0) return;
    const answers: { item: InboxItem; events: Event[] }[] = [];
    const decisions: Decided[] = [];
    let state = this.folded;
    let committed = false;
    const follow = (decided: Decided): void => {
      ({ state } = decided);
      decisions.push(decided);
    };
    try {
      await failPoint('decision.taken');
      for (const read of reads) follow(ruled(classOf(read.event).stem, () => this.decide(state, read)));
      for (const item of items) {
        const decided = this.answer(state, item);
        if (!decided) continue;
        follow(decided);
        answers.push({ item, events: decided.events });
      }
      await failPoint('decision.decided');
      await this.commit(reads.length > 0, writer);
      committed = true;
      await failPoint('decision.ended');
    } catch (error) {
      this.outputs.clear();
      const mayStand = committed || (error instanceof TransactionFailed && error.outcome === 'unknown');
      for (const { answer } of items) answer?.reject(mayStand ? this.unknown(error) : this.notReady('begins again', error));
      throw error;
    }
    this.folded = state;
    for (const { item, events } of answers) item.answer?.resolve(events);
    if (this.spec.decider.jobs) for (const decided of decisions) this.jobCauses.note(this.orders(decided.state), decided.cause);
    this.announceJobs();
  }

  private async commit(moved: boolean, writer: TransactionalWriter): Promise<void> {
    const offsets: Place[] = moved ? this.feed!.offsets() : [];
    if (this.outputs.count === 0 && offsets.length === 0) return;
    // The first transaction gives every input an offset: own events without any would look as if the offsets had been lost.
    const first = this.unset.filter((place) => !offsets.some(({ topic, partition }) => topic === place.topic && partition === place.partition));
    this.numbers.sent();
    const sends = this.outputs.take();
    const metadata = decidersNote(this.numbers.next);
    const moves = [...offsets, ...first].map((place) => ({ ...place, metadata }));
    markProgress(sends, moves, metadata);
    await writer.transact({ sends, offsets: moves });
    this.numbers.committed();
    this.unset = [];
  }

  /** What an input leads to; its events are collected. @throws what a rule throws */
  private decide(before: unknown, read: Read): Decided {
    const { stem } = classOf(read.event);
    if (!this.handles(stem)) return { state: before, events: [], cause: undefined };
    const startedAt = performance.now();
    try {
      const { state, said } = decideOn(this.spec, before, read, stem, this.deps.now());
      const cause = recordDecision(stem, read, startedAt, { leads: said.length > 0 });
      this.collect(said, cause);
      return { state, events: said.map(({ event }) => event), cause };
    } catch (error) {
      recordDecision(stem, read, startedAt, { leads: false, error });
      throw error;
    }
  }

  /** Undefined when the item was refused or is not wanted any more. */
  private answer(state: unknown, item: InboxItem): Decided | undefined {
    if (item.end) return this.finish(state, item.read, item.end);
    try {
      return this.decide(state, item.read);
    } catch (error) {
      if (!item.answer) throw handlerError(classOf(item.read.event).stem, error);
      item.answer.reject(error);
      return undefined;
    }
  }

  private finish(before: unknown, read: Read, { job, id, events, publishes }: NonNullable<InboxItem['end']>): Decided | undefined {
    const listed = (state: unknown): boolean => this.orders(state).some((order) => order.job === job && order.id === id);
    if (!listed(before)) return undefined;
    const cause = causeOf(read);
    return ruled(`${job} (end)`, () => {
      const state = events.reduce((known, event) => this.spec.decider.evolve(known, event), before);
      // It would be handed over and published again and again.
      if (listed(state)) throw new HandlerFailed(`${job} (end)`, new Error(`${id} is still listed after ${events.map((event) => classOf(event).stem).join(', ')}`));
      this.collect(events.map((event) => ({ event, publishes })), cause);
      return { state, events, cause };
    });
  }

  private collect(said: readonly Said[], cause: Cause | undefined): void {
    this.outputs.addAll(said.map((one, index) => ({ ...one, cause, headers: { sequence: String(this.numbers.next + index) } })));
    this.numbers.use(said.length);
  }

  private async next(): Promise<Read[]> {
    if (this.feed) return this.feed.take();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, 250);
    });
    clearTimeout(timer);
    return [];
  }

  private offer(item: InboxItem): void {
    if (this.stopping || this.state === 'failed') return item.answer?.reject(this.notReady('does not run', this.error));
    this.inbox.put(item);
    this.interrupt();
  }

  private refuseWaiting(why: string): void {
    for (const { answer } of this.inbox.take()) answer?.reject(this.notReady(why));
  }

  private notReady(why: string, cause?: unknown): MillraceError {
    return new MillraceError('NOT_READY', `${this.name} ${why}`, { retriable: true, cause, hint: 'ask again' });
  }

  private unknown(cause?: unknown): MillraceError {
    return new MillraceError('DECISION_UNKNOWN', 'the decision may or may not have been committed', { retriable: true, cause, hint: 'ask again with the same id' });
  }

  private handles(stem: string): boolean {
    return this.spec.handlers.some((handler) => handler.event.stem === stem);
  }

  private announceJobs(): void {
    this.deps.wanted?.(this.orders(this.folded), this.jobCauses);
  }

  private orders(state: unknown): JobOrder[] {
    return ruled(`${this.spec.decider.name} (jobs)`, () => [...(this.spec.decider.jobs?.(state) ?? [])]);
  }
}

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;
