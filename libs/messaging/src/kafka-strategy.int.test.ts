import 'reflect-metadata';
import { Injectable, Module, Scope, UseGuards, UseInterceptors, type CallHandler, type CanActivate, type ExecutionContext, type NestInterceptor, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandIssued, MillraceError, PredictionMade, RetrainRequested, VectorComputed, type Event } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { defineDecider } from './handlers/decider.ts';
import { Decides, Projects, Streams } from './handlers/decorators.ts';
import { ProjectionStore } from './handlers/projection-store.ts';
import type { Read } from './handlers/read.ts';
import { nothingWritten, type Journal, type StreamState } from './handlers/stream-state.ts';
import { KafkaStrategy } from './kafka-strategy.ts';
import { request } from './runtime/testing/findings-world.ts';
import { vector } from './runtime/testing/slot-world.ts';
import { World } from './runtime/testing/world.ts';
import { StateFactory } from './service-plan.ts';

jest.setTimeout(30_000);
let world: World;
let app: NestFastifyApplication | undefined;
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(async () => {
  await app?.close();
  app = undefined;
  await world.close();
});

const seen = { guard: [] as string[], interceptor: [] as number[], batches: [] as string[][], fails: undefined as Error | undefined };

@Injectable()
class Scale {
  readonly factor = 2;
}

class SlotState implements StreamState {
  journal(): Journal {
    return nothingWritten;
  }
}
@Injectable()
class SlotStates extends StateFactory {
  readonly state = SlotState;
  create(): SlotState {
    return new SlotState();
  }
}

class Watch implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    seen.guard.push(context.getType());
    return true;
  }
}
class Count implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    seen.interceptor.push(1);
    return next.handle();
  }
}

@Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [PredictionMade] })
@UseGuards(Watch)
@UseInterceptors(Count)
class VectorComputedHandler {
  private readonly scale: Scale;
  constructor(scale: Scale) {
    this.scale = scale;
  }
  *handleBatch(batch: Iterable<Read<VectorComputed>>, _: SlotState): Iterable<PredictionMade> {
    const events = [...batch].map(({ event }) => event);
    seen.batches.push(events.map(({ entityKeys }) => entityKeys[0]!));
    if (seen.fails) throw seen.fails;
    for (const { model, eventId, eventTime, acceptedAt, position } of events)
      yield new PredictionMade({ model, eventId, eventTime, acceptedAt, position, outcome: 'OK', score: this.scale.factor, failure: null, role: 'CHAMPION', version: 1, bundle: '', epoch: 1, rolloutId: '', latencyMs: 0 });
  }
}

const Requests = defineDecider({ name: 'requests', events: [RetrainRequested], initial: 0, evolve: (count: number) => count + 1 });
@Decides(CommandIssued, { in: Requests, publishes: [RetrainRequested] })
class CommandIssuedHandler {
  *decide(_: number, { event }: Read<CommandIssued>): Iterable<RetrainRequested> {
    yield request(event.commandId);
  }
}

class Rows extends ProjectionStore<string[]> {
  override readonly shared = false;
  readonly rows: string[] = [];
  private next = 0;
  async position(): Promise<number> {
    return this.next;
  }
  async transact(step: { next: number }, work: (tx: string[]) => Promise<void>): Promise<void> {
    await work(this.rows);
    this.next = step.next;
  }
}
@Projects(VectorComputed, { into: Rows })
class VectorComputedProjection {
  async project(batch: Iterable<Read<VectorComputed>>, rows: string[]): Promise<void> {
    for (const { event } of batch) rows.push(event.entityKeys[0]!);
  }
}

/** Handlers that must not start. */
@Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [] })
class SecondHandler {
  handleBatch(_batch: Iterable<Read<VectorComputed>>, _: SlotState): void {
    return;
  }
}
@Injectable({ scope: Scope.REQUEST })
class PerRequest {}
@Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [] })
class RequestScoped {
  readonly per: PerRequest;
  constructor(per: PerRequest) {
    this.per = per;
  }
  handleBatch(_batch: Iterable<Read<VectorComputed>>, _: SlotState): void {
    return;
  }
}

async function serve(service: string, controllers: Type[], providers: Type[] = [Scale, SlotStates, Rows]): Promise<KafkaStrategy> {
  @Module({ controllers, providers })
  class ServiceModule {}
  const say = (text: string): void => void world.lines.push(text);
  const { cluster, workspace, snapshots } = world;
  const strategy = new KafkaStrategy({ service, cluster, workspace, snapshots, log: { info: say, warn: say, error: say }, now: Date.now, instance: 'test', sharing: 'static', batchSize: 100 });
  app = await NestFactory.create<NestFastifyApplication>(ServiceModule, new FastifyAdapter(), { logger: false, abortOnError: false });
  strategy.bind(app);
  app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  await app.init();
  await app.startAllMicroservices();
  return strategy;
}
const running = (strategy: KafkaStrategy) => until(() => strategy.runtime.states().every(({ state }) => state === 'running'), { what: 'running loops' });

describe('a service as a Nest application', () => {
  it('finds its handlers with what they inject, and calls guards and interceptors once per batch', async () => {
    Object.assign(seen, { guard: [], interceptor: [], batches: [], fails: undefined });
    await world.post('feature-vectors.<model>', vector('a'), vector('b'), vector('c'));
    const strategy = await serve('inference', [VectorComputedHandler, VectorComputedProjection]);
    await running(strategy);
    expect(strategy.runtime.states().map(({ name }) => name.replace(`${world.workspace.prefix}.`, ''))).toEqual(['inference.slot.m.0', 'inference.rows']);
    await until(async () => (await world.ends('predictions.<model>')) === 3, { what: 'three predictions' });
    expect((await world.read('predictions.<model>')).map(({ event }) => (event as PredictionMade).score)).toEqual([2, 2, 2]);
    expect(seen.batches).toEqual([['a', 'b', 'c']]);
    expect(seen.guard).toEqual(['rpc']);
    expect(seen.interceptor).toEqual([1]);
    await until(() => app!.get(Rows).rows.length === 3, { what: 'three rows' });
    expect(app!.get(Rows).rows).toEqual(['a', 'b', 'c']);
  });

  it('keeps code and retriable of what a handler throws', async () => {
    Object.assign(seen, { batches: [], fails: new MillraceError('NOT_NOW', 'the archive is away', { retriable: true }) });
    const strategy = await serve('inference', [VectorComputedHandler]);
    await world.post('feature-vectors.<model>', vector('a'));
    await until(() => world.lines.some((line) => line.includes('begins again: the archive is away (NOT_NOW)')), { what: 'another try' });
    expect(strategy.runtime.states()[0]!.state).not.toBe('failed');
    seen.fails = new MillraceError('STATE_INVALID', 'no such epoch');
    await until(() => strategy.runtime.states()[0]!.state === 'failed', { what: 'end of the loop' });
    expect(strategy.runtime.states()[0]!.error).toBe('the handler of vector-computed failed: no such epoch (STATE_INVALID)');
  });

  it('runs deciders by their rules', async () => {
    const strategy = await serve('monitor', [CommandIssuedHandler]);
    await world.post('commands', new CommandIssued({ commandId: 'x', kind: 'RETRAIN', model: 'm', version: null, who: '', why: '', issuedAt: 0 }));
    await until(() => strategy.runtime.current('requests') === 1, { what: 'a decision' });
    await expect(strategy.ask('unknown', request('x') as Event)).rejects.toMatchObject({ code: 'DECIDER_UNKNOWN' });
  });

  it('ends its loops when it closes', async () => {
    const strategy = await serve('inference', [VectorComputedHandler]);
    await running(strategy);
    await app!.close();
    app = undefined;
    expect(strategy.runtime.states().map(({ state }) => state)).toEqual(['stopped']);
  });
});

describe('a service that must not start', () => {
  it.each([
    ['two handlers of one event and kind', [VectorComputedHandler, SecondHandler], undefined, 'HANDLER_DOUBLE', "two handlers 'streams vector-computed'"],
    ['a handler that lives for one request', [RequestScoped], [PerRequest, SlotStates], 'HANDLER_INVALID', 'RequestScoped is request-scoped'],
    ['a state that nobody makes', [VectorComputedHandler], [Scale], 'HANDLER_INVALID', 'no provider makes the state SlotState'],
  ] as const)('has %s', async (_, controllers, providers, code, message) => {
    await expect(serve('inference', [...controllers], providers && [...providers])).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('owns events of another', async () => {
    await expect(serve('inference', [CommandIssuedHandler])).rejects.toMatchObject({ code: 'DECIDER_INVALID', message: 'requests of inference owns retrain-requested, but retrain-requested is written by monitor' });
  });

  it('has a handler without a method of its own', () => {
    const decorate = Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [] });
    class Field {
      handleBatch = (_batch: Iterable<Read<VectorComputed>>, _: SlotState): void => undefined;
    }
    expect(() => decorate(Field)).toThrow(expect.objectContaining({ code: 'HANDLER_INVALID', message: 'Field has no method handleBatch of its own' }));
  });
});
