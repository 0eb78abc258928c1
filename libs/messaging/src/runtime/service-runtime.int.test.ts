import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DefinitionApplied, WorkspaceCreated, type PredictionMade } from '@millrace/contracts';
import { ApiKey, FaultProxy, until } from '@millrace/testing';
import { defineDecider } from '../handlers/decider.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { Findings, Question, findings } from './testing/findings-world.ts';
import { slotGroup, vector } from './testing/slot-world.ts';
import { World, nothing } from './testing/world.ts';

jest.setTimeout(40_000);
let world: World;
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(() => world.close());

const names = (runtime: ServiceRuntime): string[] => runtime.states().map(({ name }) => name);
const running = (runtime: ServiceRuntime) => until(() => runtime.states().length > 0 && runtime.states().every(({ state }) => state === 'running'), { what: 'running loops' });
const ms = async (work: Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work;
  return performance.now() - started;
};

describe('the end of a service', () => {
  const plan = { service: 'monitor', streams: [slotGroup()], deciders: [findings()] };

  it('takes well under a second when all is well', async () => {
    const runtime = await world.start(plan);
    await running(runtime);
    expect(await ms(runtime.stop())).toBeLessThan(2000);
    expect(runtime.states().every(({ state }) => state === 'stopped')).toBe(true);
    expect(world.lines.filter((line) => line.includes('not ended in order'))).toEqual([]);
  });

  it.each(['refuses connections', 'does not answer'] as const)('takes 7 s at most while the broker %s, and questions are answered meanwhile', async (trouble) => {
    const proxy = await FaultProxy.start({ brokers: world.brokers });
    const cluster = world.clusterBy({ socketFactory: proxy.socketFactory as never });
    const runtime = await world.start(plan, { cluster });
    await running(runtime);
    const silent = trouble === 'does not answer';
    if (silent) proxy.rules = [...Array(40).keys()].map((apiKey) => ({ apiKey, fault: { delayMs: 12_000 } }));
    else await proxy.stop();
    const ask = (): Promise<unknown> => runtime.ask(Findings.name, new Question('a')).then(() => 'answered', (error: { retriable: boolean }) => error.retriable);
    const first = ask();
    // In the middle of a transaction, or of a start.
    await until(() => (silent ? proxy.seen.some(({ apiKey, fault }) => apiKey === ApiKey.addPartitionsToTxn && fault) : runtime.states().some(({ state }) => state === 'starting')), { what: 'trouble', timeoutMs: 15_000 });
    const second = ask();
    expect(await ms(runtime.stop())).toBeLessThan(8000);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    if (silent) {
      // What was left behind ends by itself once the broker answers again.
      proxy.rules = [];
      proxy.cut();
      await until(() => runtime.states().every(({ state }) => state === 'stopped'), { what: 'the end of all loops', timeoutMs: 20_000 });
      await proxy.stop();
    }
    await cluster.close();
  });

  it('does not wait for a start that waits for the broker', async () => {
    const proxy = await FaultProxy.start({ brokers: world.brokers, rules: [{ apiKey: ApiKey.metadata, fault: { delayMs: 5000 } }] });
    const cluster = world.clusterBy({ socketFactory: proxy.socketFactory as never });
    const runtime = world.service(plan, { cluster });
    const starting = runtime.start();
    await until(() => proxy.seen.some(({ fault }) => fault), { what: 'a request without an answer' });
    expect(await ms(runtime.stop())).toBeLessThan(2000);
    proxy.rules = [];
    proxy.cut();
    await starting;
    expect(runtime.states()).toEqual([]);
    await proxy.stop();
    await cluster.close();
  });
});

describe('the definitions', () => {
  it('of a new model start its loops while the service runs', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await running(runtime);
    const { prefix } = world.workspace;
    expect(names(runtime)).toEqual([`${prefix}.inference.slot.m.0`]);
    await world.create(['n']);
    await world.declare(['m', 'n']);
    await until(() => names(runtime).length === 2, { what: 'a second loop' });
    expect(names(runtime)).toEqual([`${prefix}.inference.slot.m.0`, `${prefix}.inference.slot.n.0`]);
    await world.post('feature-vectors.n', vector('v'));
    await until(async () => (await world.read('predictions.m')).length === 1, { what: 'a prediction' });
    expect((await world.read('predictions.m')).map(({ event }) => (event as PredictionMade).bundle)).toEqual(['v']);
  });

  it('of a workspace with other counts refuse the start', async () => {
    await world.post('definitions', new WorkspaceCreated({ lanes: 1, slots: 8, createdAt: 0 }));
    await expect(world.start({ streams: [slotGroup()] })).rejects.toMatchObject({ code: 'WORKSPACE_DIFFERS', hint: expect.stringContaining('MILLRACE_SLOTS=8') });
  });

  it('end the service when the workspace turns out to be another while it runs', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await running(runtime);
    await world.post('definitions', new WorkspaceCreated({ lanes: 4, slots: 1, createdAt: 0 }));
    await until(() => world.exits.length > 0, { what: 'the end of the process' });
    expect(world.exits).toEqual([78]);
    expect(world.lines.at(-1)).toContain('this workspace has 4 lanes with 1 slots, not 1 with 1 (WORKSPACE_DIFFERS); set MILLRACE_LANES=4');
  });

  it('that cannot be read show in the standing, and are complained of once', async () => {
    const runtime = await world.start({ streams: [slotGroup()] });
    await running(runtime);
    await world.post('definitions', new DefinitionApplied({ hash: '', definitions: 'no JSON', schemas: [], appliedAt: 0, by: 'test' }));
    const shown = await until(() => runtime.states().find(({ name }) => name === 'inference.definitions'), { what: 'trouble' });
    expect(shown).toMatchObject({ state: 'starting', error: expect.stringContaining('JSON') });
    expect(world.lines.filter((line) => line.includes('cannot be followed'))).toHaveLength(1);
  });
});

describe('groups of handlers', () => {
  it('of one name are refused: they would share a writer', () => {
    const slot = defineDecider({ name: 'slot', events: [], initial: {}, evolve: (state) => state });
    const plan = { ...nothing, streams: [slotGroup()], deciders: [{ decider: slot as never, handlers: [] }] };
    expect(() => world.service(plan)).toThrow(expect.objectContaining({ code: 'HANDLER_INVALID', message: "inference has two groups of handlers called 'slot'" }));
  });
});
