import { MillraceError, classOf, type Event, type EventClass } from '@millrace/contracts';
import type { JobOrder } from '../handlers/job.ts';
import { Tick } from '../handlers/local-event.ts';
import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { Workspace } from '../workspace.ts';
import { decideOn, evolveInOrder, localRead, observeAll, refusal, type DeciderSpec, type InboxItem } from './decider-spec.ts';
import { JobCauses } from './job-causes.ts';
import type { JobEnd } from './job-supervisor.ts';
import type { LoopLog } from './loop-log.ts';
import { Outputs } from './outputs.ts';
import { PartitionFeed } from './partition-feed.ts';
import { readTopics } from './read-topics.ts';
import { RestartingLoop } from './restarting-loop.ts';
import { HandlerFailed } from './stream-batch.ts';
import { activeHeaders, causeOf, recordDecision, type Cause } from './trace.ts';

export interface DeciderLoopDeps {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly log: LoopLog;
  readonly now: () => number;
  /** Called after each change of state with the jobs that should run, and what each follows from. */
  readonly wanted?: (orders: readonly JobOrder[], causes: Pick<JobCauses, 'of'>) => void;
}

/** What an input led to. */
interface Decided {
  readonly state: unknown;
  readonly events: Event[];
  readonly cause: Cause | undefined;
}

/**
 * The one active instance of a decider. Start: fence, fold the own events, read the committed offsets, fold the inputs up to them.
 * Then each input (records, ticks, doors, ends of jobs) leads to events; events and offsets are one transaction.
 */
export class DeciderLoop extends RestartingLoop {
  private readonly spec: DeciderSpec;
  private readonly deps: DeciderLoopDeps;
  private readonly outputs: Outputs;
  private readonly inbox: InboxItem[] = [];
  private readonly jobCauses = new JobCauses();
  private feed: PartitionFeed | undefined;
  private folded: unknown;
  private sequence = 0;
  private wake: (() => void) | undefined;

  constructor(spec: DeciderSpec, deps: DeciderLoopDeps) {
    super(deps.workspace.writerId(spec.service, spec.decider.name, undefined, 0), deps.log);
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

  /** Asks the decider, in the trace of the caller; the answer is its committed events. @throws the decider's refusal */
  ask(event: Event): Promise<Event[]> {
    return new Promise((resolve, reject) => this.offer({ read: localRead(event, this.deps.now(), activeHeaders()), answer: { resolve, reject } }));
  }

  /** Hands over how a job ended, with the trace context that its events carry on. */
  end(order: JobOrder, { events, headers }: JobEnd, publishes: readonly EventClass[]): void {
    const [event] = events;
    if (event) this.offer({ read: localRead(event, this.deps.now(), headers), end: { job: order.job, id: order.id, events, publishes } });
  }

  /** Once per second from the runtime. */
  tick(): void {
    if (this.state === 'running' && this.spec.handlers.some((handler) => handler.event.stem === Tick.stem)) this.offer({ read: localRead(new Tick(this.deps.now()), this.deps.now()) });
  }

  protected override interrupt(): void {
    this.wake?.();
    this.feed?.interrupt();
  }

  protected override async session(): Promise<void> {
    const { cluster, workspace } = this.deps;
    const writer = await TransactionalWriter.open(cluster, { transactionalId: this.name, group: workspace.group(this.spec.service, this.spec.decider.name) });
    try {
      const own = await readTopics(cluster, this.spec.own);
      this.sequence = own.length;
      const evolved = evolveInOrder(this.spec, this.spec.decider.initial, own);
      const committed = await writer.committed(this.spec.inputs.map((input) => ({ topic: input.name, partition: input.partition })));
      const positions = new Map([...committed].map(([place, { offset }]) => [place, Math.max(0, offset)]));
      if (this.spec.inputs.length > 0 && own.length > 0 && [...committed.values()].every(({ offset }) => offset < 0)) this.refuseLostOffsets(own.length);
      const seen = await readTopics(cluster, this.spec.inputs, positions);
      this.folded = observeAll(this.spec, evolved, seen);
      if (this.orders(this.folded).length > 0) this.jobCauses.restore(this.spec, own, seen);
      await this.follow(writer, positions);
    } finally {
      this.refuseWaiting();
      await writer.close();
    }
  }

  protected override async ended(): Promise<void> {
    this.refuseWaiting();
  }

  private async follow(writer: TransactionalWriter, positions: Map<string, number>): Promise<void> {
    const { inputs } = this.spec;
    if (inputs.length > 0) {
      const reader = await PartitionReader.open(this.deps.cluster, inputs.map((input) => ({ topic: input.name, partition: input.partition, offset: positions.get(`${input.name}/${input.partition}`) ?? 0, sparse: true })));
      this.feed = new PartitionFeed(reader, inputs, positions);
    }
    this.ready();
    this.announceJobs();
    try {
      while (!this.stopping) await this.step(writer);
    } finally {
      await this.feed?.close();
      this.feed = undefined;
    }
  }

  private async step(writer: TransactionalWriter): Promise<void> {
    this.alive();
    const reads = this.inbox.length > 0 ? (this.feed?.takeNow() ?? []) : await this.next();
    const items = this.inbox.splice(0);
    if (reads.length === 0 && items.length === 0) return;
    const answers: { item: InboxItem; events: Event[] }[] = [];
    let state = this.folded;
    const causes: { state: unknown; cause: Cause | undefined }[] = [];
    try {
      for (const read of reads) {
        const result = this.publish(state, read, classOf(read.event).stem);
        ({ state } = result);
        causes.push(result);
      }
      for (const item of items) {
        const result = this.answer(state, item);
        if (!result) continue;
        ({ state } = result);
        causes.push(result);
        answers.push({ item, events: result.events });
      }
      const offsets = reads.length > 0 ? this.feed!.offsets() : [];
      if (this.outputs.count > 0 || offsets.length > 0) await writer.transact({ sends: this.outputs.take(), offsets });
    } catch (error) {
      this.outputs.clear();
      for (const { item } of answers) item.answer?.reject(new MillraceError('DECISION_UNKNOWN', 'the decision may not have been committed', { retriable: true, cause: error, hint: 'ask again with the same id' }));
      throw error;
    }
    this.folded = state;
    for (const { item, events } of answers) item.answer?.resolve(events);
    for (const after of causes) this.jobCauses.note(this.orders(after.state), after.cause);
    this.announceJobs();
  }

  private publish(before: unknown, read: Read, stem: string): Decided {
    if (!this.spec.handlers.some((handler) => handler.event.stem === stem)) return { state: before, events: [], cause: undefined };
    const startedAt = performance.now();
    try {
      const { state, events } = decideOn(this.spec, before, read, stem, this.deps.now());
      const cause = recordDecision(stem, read, startedAt, { leads: events.length > 0 });
      for (const { event, publishes } of events) this.outputs.add(event, publishes, cause, { sequence: String(this.sequence++) });
      return { state, events: events.map(({ event }) => event), cause };
    } catch (error) {
      recordDecision(stem, read, startedAt, { leads: false, error });
      if (read.position < 0 || (refusal(error) && error.retriable)) throw error;
      throw new HandlerFailed(stem, error);
    }
  }

  /** Undefined when the item was refused or is not wanted any more. */
  private answer(state: unknown, item: InboxItem): Decided | undefined {
    const { end } = item;
    if (end) {
      const listed = this.orders(state).some((order) => order.job === end.job && order.id === end.id);
      if (!listed) return undefined;
      const cause = causeOf(item.read);
      for (const event of end.events) this.outputs.add(event, end.publishes, cause, { sequence: String(this.sequence++) });
      return { state: end.events.reduce((before, event) => this.spec.decider.evolve(before, event), state), events: end.events, cause };
    }
    try {
      return this.publish(state, item.read, classOf(item.read.event).stem);
    } catch (error) {
      if (!item.answer) throw new HandlerFailed(classOf(item.read.event).stem, error);
      item.answer.reject(error);
      return undefined;
    }
  }

  private async next(): Promise<Read[]> {
    if (this.feed) return this.feed.take();
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, 250).unref();
    });
    return [];
  }

  private offer(item: InboxItem): void {
    if (this.state === 'failed' || this.state === 'stopped') {
      item.answer?.reject(new MillraceError('NOT_READY', `${this.name} does not run`, { retriable: true, cause: this.error }));
      return;
    }
    this.inbox.push(item);
    this.interrupt();
  }

  private refuseWaiting(): void {
    for (const item of this.inbox.splice(0)) item.answer?.reject(new MillraceError('NOT_READY', `${this.name} begins again`, { retriable: true, hint: 'ask again' }));
  }

  private announceJobs(): void {
    this.deps.wanted?.(this.orders(this.folded), this.jobCauses);
  }

  private orders(state: unknown): JobOrder[] {
    return [...(this.spec.decider.jobs?.(state) ?? [])];
  }

  private refuseLostOffsets(own: number): never {
    throw new MillraceError('OFFSETS_LOST', `${this.name} has no committed offset, but its topics hold ${own} events`, { hint: 'never start it from the beginning; see docs/runbooks/offsets-lost.md' });
  }
}
