import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { MillraceError } from '@millrace/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import { handlerOf, patternOf, type DecisionMetadata, type HandlerMetadata, type ProjectionMetadata, type StreamMetadata } from './handlers/handler-metadata.ts';
import type { ProjectionStore } from './handlers/projection-store.ts';
import type { StreamState } from './handlers/stream-state.ts';
import type { DecisionHandler } from './runtime/decider-spec.ts';
import type { JobHandler } from './runtime/job-process.ts';
import { groupOf } from './runtime/plan.ts';
import type { ServicePlan } from './runtime/service-runtime.ts';

/** A handler class of the application and its one instance. */
export interface FoundHandler {
  readonly metadata: HandlerMetadata;
  readonly instance: object;
}
/** Nest's proxy of a handler: guards and interceptors run once per call. */
export type Proxy = (data: unknown, context: unknown) => Promise<unknown>;

/** Makes the states of a stream group: one per lane or slot. Provide a subclass for each state class. */
export abstract class StateFactory {
  abstract readonly state: abstract new (...args: never[]) => StreamState;
  abstract create(at: { model: string | undefined; partition: number }): StreamState;
}

/** Handlers of an application. @throws MillraceError HANDLER_INVALID for request scope */
export function findHandlers(app: INestApplicationContext): FoundHandler[] {
  const found: FoundHandler[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const wrapper of module.controllers.values()) {
      const metadata = wrapper.metatype ? handlerOf(wrapper.metatype) : undefined;
      if (!metadata) continue;
      if (!wrapper.isDependencyTreeStatic()) throw new MillraceError('HANDLER_INVALID', `${wrapper.name} is request-scoped`, { hint: 'a handler lives as long as its service: remove Scope.REQUEST from it and what it injects' });
      found.push({ metadata, instance: wrapper.instance as object });
    }
  }
  const patterns = found.map(({ metadata }) => patternOf(metadata));
  const twice = patterns.find((pattern, index) => patterns.indexOf(pattern) !== index);
  if (twice) throw new MillraceError('HANDLER_DOUBLE', `two handlers '${twice}' in one service`, { hint: 'join them, or give one another kind' });
  return found;
}

/** The job handler of a name. */
export function findJob(app: INestApplicationContext, name: string): JobHandler {
  const found = findHandlers(app).find(({ metadata }) => metadata.kind === 'runs' && metadata.job.job === name);
  if (!found) throw new MillraceError('JOB_UNKNOWN', `no class runs the job ${name}`);
  return found.instance as JobHandler;
}

/** What a service is made of. */
export function planOf(service: string, app: INestApplicationContext, proxies: ReadonlyMap<string, Proxy>, batchSize: number): ServicePlan {
  const found = findHandlers(app);
  const of = <K extends HandlerMetadata['kind']>(kind: K) => found.filter(({ metadata }) => metadata.kind === kind) as { metadata: Extract<HandlerMetadata, { kind: K }>; instance: object }[];
  const proxyOf = (metadata: HandlerMetadata): Proxy => {
    const proxy = proxies.get(patternOf(metadata));
    if (!proxy) throw new MillraceError('HANDLER_INVALID', `Nest does not know the handler '${patternOf(metadata)}'`);
    return async (data, context) => {
      const result = await proxy(data, context);
      return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
    };
  };
  return {
    service,
    batchSize,
    streams: grouped(of('streams'), ({ metadata }) => metadata.state).map(([state, members]) => {
      const factory = factoryOf(app, state);
      const pers = new Set(members.map(({ metadata }) => metadata.per));
      if (pers.size !== 1) throw new MillraceError('HANDLER_INVALID', `handlers with the state ${state.name} differ in 'per'`);
      return {
        state, per: members[0]!.metadata.per, newState: (at) => factory.create(at),
        handlers: members.map(({ metadata }) => ({ event: metadata.event, publishes: metadata.publishes, broadcast: metadata.broadcast, handleBatch: proxyOf(metadata) as never })),
      };
    }),
    deciders: grouped(of('decides'), ({ metadata }) => metadata.decider).map(([decider, members]) => ({ decider, handlers: members.map(decisionHandler) })),
    projections: grouped(of('projects'), ({ metadata }) => metadata.into).map(([into, members]) => ({
      name: groupOf(into), store: app.get(into as never, { strict: false }) as ProjectionStore<unknown>,
      handlers: members.map(({ metadata }: { metadata: ProjectionMetadata }) => ({ event: metadata.event, project: proxyOf(metadata) as never })),
    })),
    jobs: of('runs').map(({ metadata }) => metadata.job),
  };
}

// Rules are pure: they are called directly, without Nest's proxy.
function decisionHandler({ metadata, instance }: { metadata: DecisionMetadata; instance: object }): DecisionHandler {
  const { observe, decide } = instance as DecisionHandler;
  return { event: metadata.event, publishes: metadata.publishes, ...(observe ? { observe: observe.bind(instance) } : {}), ...(decide ? { decide: decide.bind(instance) } : {}) };
}

function factoryOf(app: INestApplicationContext, state: StreamMetadata['state']): StateFactory {
  for (const module of app.get(ModulesContainer).values())
    for (const wrapper of module.providers.values()) if (wrapper.instance instanceof StateFactory && wrapper.instance.state === state) return wrapper.instance;
  throw new MillraceError('HANDLER_INVALID', `no provider makes the state ${state.name}`, { hint: 'provide a StateFactory whose state is that class' });
}

function grouped<T, K>(items: readonly T[], key: (item: T) => K): [K, T[]][] {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}
