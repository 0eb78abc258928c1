import {
  ArmObserved, CommandIssued, DefinitionApplied, ModelLoadFailed, ModelLoaded, ModelVersionApproved, RolloutAborted, RolloutCompleted, RolloutStarted, RouteAdopted, type RouteChanged,
  WorkspaceCreated, type CommandIssuedFields, type Event, type EventClass,
} from '@millrace/contracts';
import { Tick, type Read } from '@millrace/messaging';
import type { ArmOutcomes } from '@millrace/rollout';
import { Rollouts, type RolloutEvent, type RolloutsState } from '../domain/rollouts.ts';
import { ArmObservedHandler } from '../handlers/arm-observed.handler.ts';
import { CommandIssuedHandler } from '../handlers/command-issued.handler.ts';
import { DefinitionAppliedHandler } from '../handlers/definition-applied.handler.ts';
import { ModelLoadFailedHandler } from '../handlers/model-load-failed.handler.ts';
import { ModelLoadedHandler } from '../handlers/model-loaded.handler.ts';
import { ModelVersionApprovedHandler } from '../handlers/model-version-approved.handler.ts';
import { RouteAdoptedHandler } from '../handlers/route-adopted.handler.ts';
import { TickHandler } from '../handlers/tick.handler.ts';
import { WorkspaceCreatedHandler } from '../handlers/workspace-created.handler.ts';

export const model = 'flight-delay';
interface Handler {
  observe?(state: RolloutsState, read: Read): RolloutsState;
  decide?(state: RolloutsState, read: Read, now: number): Iterable<RolloutEvent>;
}

/**
 * The decider with all its handlers, without a broker: gives inputs one by one as its loop does, and can restart as its loop does.
 * Methods return the events that followed, as short lines.
 */
export class RolloutWorld {
  readonly log: string[] = [];
  readonly published: RolloutEvent[] = [];
  state = Rollouts.initial;
  private now = 1_000_000;
  private readonly inputs: Read[] = [];
  private readonly handlers: ReadonlyMap<EventClass, Handler>;

  constructor() {
    const shared = { log: { warn: (text: string) => this.log.push(text) } };
    this.handlers = new Map<EventClass, Handler>([
      [WorkspaceCreated, new WorkspaceCreatedHandler()], [DefinitionApplied, new DefinitionAppliedHandler()], [ModelVersionApproved, new ModelVersionApprovedHandler()],
      [ModelLoaded, new ModelLoadedHandler()], [ModelLoadFailed, new ModelLoadFailedHandler()], [RouteAdopted, new RouteAdoptedHandler()], [ArmObserved, new ArmObservedHandler()],
      [CommandIssued, new CommandIssuedHandler(shared as never)], [Tick as unknown as EventClass, new TickHandler()],
    ] as never);
  }

  /** A workspace of two slots with the given steps; 500 outcomes, ten minutes. */
  static declared(steps = [5, 25, 75, 100], slots = 2): RolloutWorld {
    const world = new RolloutWorld();
    world.give(new WorkspaceCreated({ lanes: 1, slots, createdAt: 0 }));
    world.define(steps);
    return world;
  }

  /** With version 1 at 100 %, epoch 1. */
  static withChampion(steps?: number[]): RolloutWorld {
    const world = RolloutWorld.declared(steps);
    world.approve(1);
    world.load(1);
    world.adopt(1);
    return world;
  }

  /** With version 2 at its first step, adopted. */
  static withCanary(steps?: number[]): RolloutWorld {
    const world = RolloutWorld.withChampion(steps);
    world.approve(2);
    world.load(2);
    world.adopt(2);
    return world;
  }

  /** The rollout of a version: the newest started. */
  rolloutId(version: number): string {
    return this.published.filter((event): event is RolloutStarted => event instanceof RolloutStarted && event.version === version).at(-1)?.rolloutId ?? 'none';
  }

  define = (steps: number[]): string[] =>
    this.give(new DefinitionApplied({ hash: '', definitions: JSON.stringify({ models: [{ name: model, rollout: { steps, minimum: 500, maximumWaitMs: 600_000 } }] }), schemas: [], appliedAt: 0, by: '' }));
  approve = (version: number): string[] => this.give(new ModelVersionApproved({ model, version, bundle: `b${version}`, verdicts: [], approvedBy: 'gates' }));
  load = (version: number, slots = [0, 1], rolloutId = this.rolloutId(version)): string[] =>
    slots.flatMap((slot) => this.give(new ModelLoaded({ model, rolloutId, slot, version, bundle: `b${version}`, provider: 'cpu', instance: 'i' })));
  failToLoad = (version: number, rolloutId = this.rolloutId(version)): string[] =>
    this.give(new ModelLoadFailed({ model, rolloutId, slot: 1, version, bundle: `b${version}`, code: 'GOLDEN_DIFFER', reason: 'golden answers differ', instance: 'i' }));
  adopt = (epoch: number, slots = [0, 1]): string[] => slots.flatMap((slot) => this.give(new RouteAdopted({ model, rolloutId: '', slot, epoch, offset: 0, instance: 'i' })));
  command = (kind: CommandIssuedFields['kind'], fields: Partial<CommandIssuedFields> = {}): string[] =>
    this.give(new CommandIssued({ commandId: `c${this.inputs.length}`, kind, model, version: null, who: 'ann', why: 'it looks wrong', issuedAt: 0, ...fields }));
  /** Counts of one arm, half in each slot. */
  observe(version: number, epoch: number, role: 'CANARY' | 'CHAMPION', counts: Partial<ArmOutcomes>, rolloutId = this.rolloutId(2)): string[] {
    const half = { ok: (counts.ok ?? 0) / 2, fallback: (counts.fallback ?? 0) / 2, failed: (counts.failed ?? 0) / 2, latencyMsSum: 1 };
    return this.give(new ArmObserved({ model, rolloutId, epoch, role, version, slots: [0, 1].map((slot) => ({ slot, ...half })) }));
  }
  /** Seconds of ticks. */
  wait(seconds: number): string[] {
    return Array.from({ length: seconds }, () => this.tick(1000)).flat();
  }
  tick(afterMs: number): string[] {
    this.now += afterMs;
    return this.give(new Tick(this.now));
  }

  /** Own events first, then the committed inputs: what a restart brings back. Ticks stand nowhere. */
  restart(): void {
    this.state = this.published.reduce(Rollouts.evolve, Rollouts.initial);
    for (const read of this.inputs) this.state = this.handlerOf(read).observe?.(this.state, read) ?? this.state;
  }

  give(event: Event): string[] {
    const isLocal = event instanceof Tick;
    const read: Read = { event, topic: '', partition: 0, position: isLocal ? -1 : this.inputs.length, time: this.now, id: Buffer.alloc(0), headers: {} };
    if (!isLocal) this.inputs.push(read);
    const handler = this.handlerOf(read);
    this.state = handler.observe?.(this.state, read) ?? this.state;
    const events = [...(handler.decide?.(this.state, read, this.now) ?? [])];
    for (const each of events) this.state = Rollouts.evolve(this.state, each);
    this.published.push(...events);
    return events.map(shown);
  }

  private handlerOf({ event }: Read): Handler {
    const handler = this.handlers.get(event.constructor as unknown as EventClass);
    if (!handler) throw new Error(`no handler for ${event.constructor.name}`);
    return handler;
  }
}

function shown(event: RolloutEvent): string {
  if (event instanceof RolloutStarted) return `started ${event.version}`;
  if (event instanceof RolloutCompleted) return `completed ${event.version}`;
  if (event instanceof RolloutAborted) return `aborted ${event.version} by ${event.by}: ${event.reason}`;
  const arms = (event as RouteChanged).arms.map(({ role, version, weight }) => `${role} ${version} ${weight} %`).join(', ');
  return `epoch ${event.epoch}: ${arms}${event.withdrawn.length > 0 ? ` without ${event.withdrawn.join()}` : ''}`;
}
