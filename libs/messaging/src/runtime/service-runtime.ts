import { topicOf, type Event, type EventClass } from '@millrace/contracts';
import type { Decider } from '../handlers/decider.ts';
import type { Job } from '../handlers/job.ts';
import type { ProjectionStore } from '../handlers/projection-store.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import type { Workspace } from '../workspace.ts';
import { Catalogue, type Declared } from './catalogue.ts';
import { DeciderLoop } from './decider-loop.ts';
import type { DecisionHandler } from './decider-spec.ts';
import type { InputTopic } from './decoding.ts';
import { JobSupervisor, type JobProgress } from './job-supervisor.ts';
import { LaneOwnership, type Sharing } from './lane-ownership.ts';
import type { LoopLog } from './loop-log.ts';
import { distinct, groupOf, inputsFor, ownTopics, perModel } from './plan.ts';
import { ProjectionLoop, type ProjectionHandler } from './projection-loop.ts';
import type { LoopState, RestartingLoop } from './restarting-loop.ts';
import type { Snapshots } from './snapshots.ts';
import { StreamLoop } from './stream-loop.ts';
import type { StreamHandler } from './stream-spec.ts';

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
  readonly pause?: ((step: string) => Promise<void>) | undefined;
}

/** How one loop stands. */
export interface LoopStanding {
  readonly name: string;
  readonly state: LoopState;
  /** Records behind by topic. */
  readonly lag: Record<string, number>;
  readonly error: string | undefined;
}

const silentAfterMs = 60_000;

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

  constructor(plan: ServicePlan, deps: RuntimeDeps) {
    this.plan = plan;
    this.deps = deps;
    this.catalogue = new Catalogue(deps);
    this.ownership = new LaneOwnership(deps);
  }

  /** Starts all loops; they are ready when `states` says so. */
  async start(): Promise<void> {
    await this.catalogue.start((declared) => {
      this.declared = declared;
      return this.reconcile();
    });
    this.timer = setInterval(() => this.everySecond(), 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.catalogue.stop();
    await this.reconciling;
    await Promise.all([...this.loops.values()].map(({ loop }) => loop.stop()));
    await this.ownership.leave();
    await Promise.all([...this.supervisors.values()].map((supervisor) => supervisor.stop()));
  }

  /** How each loop stands. */
  states(): LoopStanding[] {
    return [...this.loops.values()].map(({ loop }) => ({ name: loop.name, state: loop.state, lag: loop.lag(), error: loop.error?.message }));
  }

  jobs(): JobProgress[] {
    return [...this.supervisors.values()].flatMap((supervisor) => supervisor.progress());
  }

  ask(decider: string, event: Event): Promise<Event[]> {
    return this.deciderLoop(decider).ask(event);
  }

  /** State of a decider as committed; undefined while it starts. */
  current(decider: string): unknown {
    return this.deciderLoop(decider).decided;
  }

  private deciderLoop(name: string): DeciderLoop {
    const found = this.loops.get(`decider ${name}`)?.loop;
    if (!found) throw new Error(`${this.plan.service} has no decider called ${name}`);
    return found as unknown as DeciderLoop;
  }

  /** Brings the loops in line with what is declared and what belongs to this instance; one change after another. */
  private readonly reconcile = (): Promise<void> => (this.reconciling = this.reconciling.then(() => this.bringInLine(this.declared)));

  private async bringInLine(declared: Declared): Promise<void> {
    for (const group of this.plan.streams) await this.reconcileStreams(group, declared);
    for (const group of this.plan.deciders) await this.reconcileDecider(group, declared);
    for (const group of this.plan.projections) {
      const inputs = distinct(group.handlers.flatMap((handler) => inputsFor(handler.event, this.deps.workspace, declared, 'all')));
      if (inputs.length === 0) continue;
      const spec = { name: `${this.plan.service}.${group.name}`, store: group.store, handlers: group.handlers, inputs };
      await this.keep(`projection ${group.name}`, inputs, () => new ProjectionLoop(spec, this.deps));
    }
  }

  private async reconcileStreams(group: StreamGroup, declared: Declared): Promise<void> {
    const { workspace } = this.deps;
    const models = group.handlers.some((handler) => perModel(handler.event)) ? declared.models : [undefined];
    const count = group.per === 'lane' ? workspace.lanes : workspace.lanes * workspace.slots;
    const name = groupOf(group.state);
    for (const model of models) {
      const [first] = group.handlers.filter((handler) => !handler.broadcast).flatMap((handler) => inputsFor(handler.event, workspace, declared, 0, model));
      if (!first) continue;
      const own = this.ownership.lanes(workspace.group(this.plan.service, name, model), first.name, count, this.reconcile);
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
              { service: this.plan.service, group: name, per: group.per, ...(model === undefined ? {} : { model }), partition, handlers: group.handlers, inputs, broadcasts, owned: this.owned(group, declared, partition, model), newState: () => group.newState({ model, partition }), batchSize: this.plan.batchSize },
              this.deps,
            ),
        );
      }
    }
  }

  /** Outputs that only this loop writes. */
  private owned(group: StreamGroup, declared: Declared, partition: number, model: string | undefined): InputTopic[] {
    const events = group.handlers.flatMap((handler) => [...handler.publishes]).filter((event: EventClass) => !topicOf(event).manyWriters && topicOf(event).partitions === group.per);
    return distinct(events.flatMap((event) => inputsFor(event, this.deps.workspace, declared, partition, model)));
  }

  private async reconcileDecider({ decider, handlers }: DeciderGroup, declared: Declared): Promise<void> {
    const { workspace } = this.deps;
    const inputs = distinct(handlers.flatMap((handler) => inputsFor(handler.event, workspace, declared, 'all')));
    const own = ownTopics(decider, workspace, this.plan.service);
    const mine = this.ownership.lanes(workspace.group(this.plan.service, decider.name), own[0]!.name, 1, this.reconcile);
    if (mine.length === 0) return this.drop(`decider ${decider.name}`);
    await this.keep(`decider ${decider.name}`, inputs, () => {
      const supervisor = this.supervisor(decider);
      return new DeciderLoop({ service: this.plan.service, decider, handlers, inputs, own }, { ...this.deps, wanted: (orders, causes) => supervisor.sync(orders, causes) });
    });
  }

  /** Outlives a restart of the decider's loop: jobs go on, and their ends reach the loop that runs then. */
  private supervisor(decider: Decider<unknown>): JobSupervisor {
    let supervisor = this.supervisors.get(decider.name);
    if (!supervisor) {
      const jobs = this.plan.jobs.filter((job) => job.ends.some((event) => decider.events.includes(event)));
      supervisor = new JobSupervisor(jobs, this.deps.log, (order, end, publishes) => this.deciderLoop(decider.name).end(order, end, publishes));
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
    const loop = create();
    this.loops.set(key, { loop, inputs: names });
    loop.start();
  }

  /** Ends a loop that belongs to another instance now. */
  private async drop(key: string): Promise<void> {
    const known = this.loops.get(key);
    this.loops.delete(key);
    await known?.loop.stop();
  }

  private everySecond(): void {
    for (const { loop } of this.loops.values()) {
      if (loop instanceof DeciderLoop) loop.tick();
      if (loop.silentMs() > silentAfterMs) {
        this.deps.log.error(`${loop.name} has shown no sign of life for ${Math.round(loop.silentMs() / 1000)} s; the process ends so that it is started anew`);
        process.exit(70);
      }
    }
  }
}
