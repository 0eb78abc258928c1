import { MillraceError, type Event } from '@millrace/contracts';
import type { Decider } from '../handlers/decider.ts';
import type { Job } from '../handlers/job.ts';
import type { ProjectionStore } from '../handlers/projection-store.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import type { Workspace } from '../workspace.ts';
import { Catalogue, type Declared } from './catalogue.ts';
import { DeciderLoop } from './decider-loop.ts';
import type { DecisionHandler } from './decider-spec.ts';
import { DeciderView } from './decider-view.ts';
import type { InputTopic } from './decoding.ts';
import { JobSupervisor, type JobProgress } from './job-supervisor.ts';
import { LaneOwnership, type Sharing } from './lane-ownership.ts';
import type { LoopLog } from './loop-log.ts';
import { ownedOutputs, sharedOutputs } from './own-outputs.ts';
import { distinct, groupOf, inputsFor, ownTopics, perModel } from './plan.ts';
import { ProjectionLoop, type ProjectionHandler } from './projection-loop.ts';
import { refuseEqualNames } from './refuse-equal-names.ts';
import type { LoopState, RestartingLoop } from './restarting-loop.ts';
import type { Snapshots } from './snapshots.ts';
import { StreamLoop } from './stream-loop.ts';
import type { StreamHandler } from './stream-spec.ts';
import { within } from './within.ts';

/** All handlers of one state class. */
export interface StreamGroup {
  readonly state: { name: string };
  readonly per: 'lane' | 'slot';
  readonly handlers: readonly StreamHandler[];
  newState(at: { model: string | undefined; partition: number }): StreamState;
}
export interface DeciderGroup {
  readonly decider: Decider<unknown>;
  readonly handlers: readonly DecisionHandler[];
}
export interface ProjectionGroup {
  readonly name: string;
  readonly store: ProjectionStore<unknown>;
  readonly handlers: readonly ProjectionHandler[];
}

/** What one service is made of, found by its decorators. */
export interface ServicePlan {
  readonly service: string;
  readonly streams: readonly StreamGroup[];
  readonly deciders: readonly DeciderGroup[];
  readonly projections: readonly ProjectionGroup[];
  readonly jobs: readonly Job[];
  readonly batchSize: number;
}
export interface RuntimeDeps {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly snapshots: Snapshots;
  readonly log: LoopLog;
  readonly now: () => number;
  /** Name of this process among the instances of its service. */
  readonly instance: string;
  readonly sharing: Sharing;
  /** Called between the steps of the transaction protocol: fail points of kill runs. */
  readonly pause?: ((step: string) => Promise<void>) | undefined;
  /** Ends the process where it cannot go on; default `process.exit`. */
  readonly exit?: ((code: number) => void) | undefined;
}

/** How one loop stands. A service is ready when all its loops are `running`; one that has `failed` needs a person, a restart fails again. */
export interface LoopStanding {
  readonly name: string;
  readonly state: LoopState;
  /** Records behind by topic. */
  readonly lag: Record<string, number>;
  readonly error: string | undefined;
}

/** A loop that has shown no sign of life for so long ends the process; a start waits for brokers that do not answer. */
const silentAfterMs = { running: 60_000, starting: 300_000 };
/** Longest orderly end; what takes longer is left to a successor, who fences it. A start has nothing to finish. */
const stopWithinMs = { running: 7000, starting: 1000 };
const exitCodes = { differs: 78, anew: 70 };

/** Runs the loops of a service, and follows what is declared: a new model gets its loops, a changed input restarts its loop. */
export class ServiceRuntime {
  private readonly plan: ServicePlan;
  private readonly deps: RuntimeDeps;
  private readonly catalogue: Catalogue;
  private readonly loops = new Map<string, { loop: RestartingLoop; inputs: string }>();
  private readonly supervisors = new Map<string, JobSupervisor>();
  private readonly ownership: LaneOwnership;
  private declared: Declared = { streams: [], models: [] };
  private reconciling: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(plan: ServicePlan, deps: RuntimeDeps) {
    refuseEqualNames(plan);
    this.plan = plan;
    this.deps = deps;
    this.catalogue = new Catalogue(deps, {
      changed: (declared) => {
        this.declared = declared;
        return this.reconcile();
      },
      differs: (error) => {
        deps.log.error(`${error.message} (${error.code}); ${error.hint}`);
        this.exit(exitCodes.differs);
      },
    });
    this.ownership = new LaneOwnership(deps, (reason) => this.beginAnew(reason));
  }

  /** Starts all loops; they are ready when `states` says so. @throws MillraceError WORKSPACE_DIFFERS, DECIDER_INVALID, KAFKA_UNREACHABLE … */
  async start(): Promise<void> {
    try {
      await this.catalogue.start();
    } catch (error) {
      if (!this.stopping) throw error;
    }
    if (!this.stopping) this.timer = setInterval(() => this.everySecond(), 1000);
  }

  /** Finishes running transactions, writes snapshots, ends jobs, leaves groups; takes 7 s at most, also without a broker. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    const loops = [...this.loops.values()].map(({ loop }) => loop);
    const ends = loops.map((loop) => (loop.state === 'starting' ? within(stopWithinMs.starting, loop.stop()) : loop.stop()));
    const orderly = Promise.allSettled([this.catalogue.stop(), Promise.all(ends).then(() => this.ownership.leave()), ...[...this.supervisors.values()].map((supervisor) => supervisor.stop())]);
    if (await within(stopWithinMs.running, orderly)) return;
    const names = loops.filter(({ state }) => state === 'running').map(({ name }) => name);
    this.deps.log.warn(`not ended in order within ${stopWithinMs.running / 1000} s: ${names.join(', ') || 'memberships'}; the next owner fences what is left`);
  }

  /** How each loop stands, and the following of the definitions while it is in trouble. */
  states(): LoopStanding[] {
    const { trouble } = this.catalogue;
    const definitions = trouble ? [{ name: `${this.plan.service}.definitions`, state: 'starting' as const, lag: {}, error: trouble.message }] : [];
    return [...definitions, ...[...this.loops.values()].map(({ loop }) => ({ name: loop.name, state: loop.state, lag: loop.lag(), error: loop.error?.message }))];
  }

  jobs(): JobProgress[] {
    return [...this.supervisors.values()].flatMap((supervisor) => supervisor.progress());
  }

  /** Asks a decider; the answer is its committed events. @throws its refusal; MillraceError NOT_READY or DECISION_UNKNOWN (retriable) */
  async ask(decider: string, event: Event): Promise<Event[]> {
    const loop = this.deciderLoop(decider);
    if (!loop) throw new MillraceError('NOT_READY', `${decider} does not run in this instance`, { retriable: true, hint: 'ask again; with several instances another one decides' });
    return loop.ask(event);
  }

  /** State of a decider as committed; undefined while it starts. Where another instance decides it may be some moments behind. */
  current(decider: string): unknown {
    return this.deciderLoop(decider)?.decided ?? (this.loops.get(viewKey(decider))?.loop as DeciderView | undefined)?.seen;
  }

  private deciderLoop(name: string): DeciderLoop | undefined {
    if (!this.plan.deciders.some(({ decider }) => decider.name === name)) throw new MillraceError('DECIDER_UNKNOWN', `${this.plan.service} has no decider called ${name}`);
    return this.loops.get(deciderKey(name))?.loop as DeciderLoop | undefined;
  }

  /** Brings the loops in line with what is declared and what belongs to this instance; one change after another. */
  private readonly reconcile = (): Promise<void> => {
    const turn = this.reconciling.then(() => this.bringInLine(this.declared));
    this.reconciling = turn.catch(() => undefined);
    return turn;
  };

  /** A model that is declared no more keeps its loops until the service ends: what waits is still answered. */
  private async bringInLine(declared: Declared): Promise<void> {
    for (const group of this.plan.streams) await this.reconcileStreams(group, declared);
    for (const group of this.plan.deciders) await this.reconcileDecider(group, declared);
    for (const group of this.plan.projections) {
      const inputs = distinct(group.handlers.flatMap((handler) => inputsFor(handler.event, this.deps.workspace, declared, 'all')));
      if (inputs.length === 0) continue;
      await this.reconcileProjection(group, inputs);
    }
  }

  /** A store of its own is filled by every instance, a shared one by one of them. */
  private async reconcileProjection(group: ProjectionGroup, inputs: readonly InputTopic[]): Promise<void> {
    const { service } = this.plan;
    const key = `projection ${group.name}`;
    const spec = { name: `${service}.${group.name}`, store: group.store, handlers: group.handlers, inputs };
    if (!group.store.shared) return this.keep(key, inputs, () => new ProjectionLoop(spec, this.deps));
    const members = this.deps.workspace.group(service, `projection-${group.name}`);
    const mine = this.ownership.lanes(members, this.deps.workspace.topic('definitions'), 1, this.reconcile);
    if (mine.length === 0) return this.drop(key);
    await this.keep(key, inputs, () => new ProjectionLoop(spec, { ...this.deps, claim: this.ownership.claim(members, 0) }));
  }

  private async reconcileStreams(group: StreamGroup, declared: Declared): Promise<void> {
    const { workspace } = this.deps;
    const models = group.handlers.some((handler) => perModel(handler.event)) ? declared.models : [undefined];
    const count = group.per === 'lane' ? workspace.lanes : workspace.lanes * workspace.slots;
    const name = groupOf(group.state);
    for (const model of models) {
      const [first] = group.handlers.filter((handler) => !handler.broadcast).flatMap((handler) => inputsFor(handler.event, workspace, declared, 0, model));
      if (!first) continue;
      const members = workspace.group(this.plan.service, name, model);
      const own = this.ownership.lanes(members, first.name, count, this.reconcile);
      for (let partition = 0; partition < count; partition++) {
        const key = `${name} ${model ?? ''} ${partition}`;
        if (!own.includes(partition)) {
          await this.drop(key);
          continue;
        }
        const of = (broadcast: boolean): InputTopic[] => distinct(group.handlers.filter((handler) => handler.broadcast === broadcast).flatMap((handler) => inputsFor(handler.event, workspace, declared, partition, model)));
        const [inputs, broadcasts] = [of(false), of(true)];
        await this.keep(
          key,
          inputs,
          () =>
            new StreamLoop(
              { service: this.plan.service, group: name, per: group.per, ...(model === undefined ? {} : { model }), partition, handlers: group.handlers, inputs, broadcasts, owned: () => ownedOutputs(group, { partition, model }, workspace, this.declared), shared: sharedOutputs(group, workspace, declared), newState: () => group.newState({ model, partition }), batchSize: this.plan.batchSize },
              { ...this.deps, claim: this.ownership.claim(members, partition) },
            ),
        );
      }
    }
  }

  private async reconcileDecider({ decider, handlers }: DeciderGroup, declared: Declared): Promise<void> {
    const { workspace } = this.deps;
    const inputs = distinct(handlers.flatMap((handler) => inputsFor(handler.event, workspace, declared, 'all')));
    const own = ownTopics(decider, workspace, this.plan.service);
    const members = workspace.group(this.plan.service, decider.name);
    const mine = this.ownership.lanes(members, own[0]!.name, 1, this.reconcile);
    const spec = { service: this.plan.service, decider, handlers, inputs, own };
    if (mine.length === 0) {
      await this.drop(deciderKey(decider.name));
      this.supervisors.get(decider.name)?.sync([], { of: () => undefined });
      return this.keep(viewKey(decider.name), inputs, () => new DeciderView(spec, this.deps));
    }
    await this.keep(deciderKey(decider.name), inputs, () => {
      const supervisor = this.supervisor(decider);
      return new DeciderLoop(spec, { ...this.deps, claim: this.ownership.claim(members, 0), wanted: (orders, causes) => supervisor.sync(orders, causes) });
    });
    await this.drop(viewKey(decider.name));
  }

  /** Outlives a restart of the decider's loop: jobs go on, and their ends reach the loop that runs then. */
  private supervisor(decider: Decider<unknown>): JobSupervisor {
    let supervisor = this.supervisors.get(decider.name);
    if (!supervisor) {
      const jobs = this.plan.jobs.filter((job) => job.ends.some((event) => decider.events.includes(event)));
      supervisor = new JobSupervisor(jobs, this.deps.log, (order, end, publishes) => this.deciderLoop(decider.name)?.end(order, end, publishes));
      this.supervisors.set(decider.name, supervisor);
    }
    return supervisor;
  }

  /** Starts a loop once, and again when its inputs have changed. */
  private async keep(key: string, inputs: readonly InputTopic[], create: () => RestartingLoop): Promise<void> {
    const names = inputs.map(({ name, partition }) => `${name}/${partition}`).join();
    const known = this.loops.get(key);
    if (known?.inputs === names) return;
    await known?.loop.stop();
    if (this.stopping) return;
    const loop = create();
    this.loops.set(key, { loop, inputs: names });
    loop.start();
  }

  /** Ends a loop that belongs to another instance now. One that does not end stays under the eyes of the watchdog. */
  private async drop(key: string): Promise<void> {
    await this.loops.get(key)?.loop.stop();
    this.loops.delete(key);
  }

  private everySecond(): void {
    for (const { loop } of this.loops.values()) {
      if (loop instanceof DeciderLoop) loop.tick();
      const silentMs = loop.silentMs();
      if (silentMs > (loop.state === 'running' ? silentAfterMs.running : silentAfterMs.starting)) this.beginAnew(`${loop.name} has shown no sign of life for ${Math.round(silentMs / 1000)} s`);
    }
  }

  private beginAnew(reason: string): void {
    this.deps.log.error(`${reason}; the process ends so that it is started anew`);
    this.exit(exitCodes.anew);
  }

  private exit(code: number): void {
    if (this.deps.exit) this.deps.exit(code);
    else process.exit(code);
  }
}

const deciderKey = (name: string): string => `decider ${name}`;
const viewKey = (name: string): string => `view ${name}`;
