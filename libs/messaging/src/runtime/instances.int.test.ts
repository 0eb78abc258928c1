import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MillraceError, VectorComputed } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { ProjectionStore } from '../handlers/projection-store.ts';
import type { Read } from '../handlers/read.ts';
import { assignLanes } from '../kafka/rendezvous.ts';
import { RestartingLoop } from './restarting-loop.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { Findings, Question, command, findings, type FindingsState } from './testing/findings-world.ts';
import { slotGroup, vector } from './testing/slot-world.ts';
import { World } from './testing/world.ts';

jest.setTimeout(60_000);
let world: World;
beforeEach(async () => {
  world = await World.open({ slots: 2 });
}, 240_000);
afterEach(() => world.close());

const running = (runtime: ServiceRuntime, loop: RegExp): boolean => runtime.states().some(({ name, state }) => loop.test(name) && state === 'running');
const instance = (plan: Parameters<World['start']>[0], name: string, sharing: 'static' | 'group' = 'group'): Promise<ServiceRuntime> => world.start(plan, { sharing, instance: name, cluster: world.clusterBy({}) });
const warnings = (text: string): string[] => world.lines.filter((line) => line.includes(text));

describe('two instances of a decider', () => {
  const plan = { service: 'monitor', deciders: [findings()] };
  const decides = /^t\w+\.monitor\.test-findings/;

  it('have one owner; the other shows the same state, says that it does not decide, and takes over when the owner ends', async () => {
    const both = [await instance(plan, 'first'), await instance(plan, 'second')];
    const active = (): ServiceRuntime[] => both.filter((runtime) => running(runtime, decides));
    await until(() => active().length === 1 && both.every((runtime) => runtime.current(Findings.name) !== undefined), { what: 'one owner and one view' });
    const [owner] = active();
    const other = both.find((runtime) => runtime !== owner)!;
    await world.post('commands', command('c'));
    await owner!.ask(Findings.name, new Question('a'));
    await expect(other.ask(Findings.name, new Question('b'))).rejects.toMatchObject({ code: 'NOT_READY', retriable: true, hint: expect.stringContaining('another') });
    const state = (): FindingsState => other.current(Findings.name) as FindingsState;
    await until(() => state().said.length === 3 && state().heard === 1, { what: 'the same state in the view' });
    expect([...state().said].sort()).toEqual(['reported c', 'requested a', 'requested c']);
    await owner!.stop();
    await until(() => running(other, decides), { what: 'the take-over', timeoutMs: 15_000 });
    expect(await other.ask(Findings.name, new Question('a'))).toEqual([]);
    expect((await other.ask(Findings.name, new Question('b'))).length).toBe(1);
    expect((await world.read('retrain-requested')).length).toBe(3);
  });

  it('without a group replace each other only until one of them stands back and says why', async () => {
    const both = [await instance(plan, 'first', 'static'), await instance(plan, 'second', 'static')];
    const failed = (): string | undefined => both.flatMap((runtime) => runtime.states()).find(({ state }) => state === 'failed')?.error;
    for (let n = 0; failed() === undefined; n++) {
      await Promise.all(both.map((runtime, which) => runtime.ask(Findings.name, new Question(`${which}-${n}`)).catch(() => undefined)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(failed()).toContain('test-findings.0 too');
    const left = both.find((runtime) => runtime.states().every(({ state }) => state !== 'failed'))!;
    await until(() => left.ask(Findings.name, new Question('at last')), { what: 'an answer of the other', timeoutMs: 15_000 });
    const said = (await world.read('retrain-requested')).map(({ headers }) => headers['sequence']);
    expect(new Set(said).size).toBe(said.length);
  });
});

describe('instances of a stream', () => {
  it('that join, leave and join again while records come answer each record once', async () => {
    const plan = { streams: [slotGroup()] };
    let posted = 0;
    let ended = false;
    const load = (async () => {
      for (; !ended; await new Promise((resolve) => setTimeout(resolve, 5))) await world.postTo('feature-vectors.<model>', posted % 2, vector(`v${posted++}`));
    })();
    const instances = [await instance(plan, 'a')];
    for (const change of ['join', 'join', 'leave', 'join', 'leave', 'leave'] as const) {
      if (change === 'join') instances.push(await instance(plan, `i${instances.length}`));
      else await instances.shift()!.stop();
      const slots = (): number => instances.flatMap((runtime) => runtime.states()).filter(({ state }) => state === 'running').length;
      const at = posted;
      await until(async () => slots() === 2 && (await world.ends('predictions.<model>')) > at, { what: `all slots owned after a ${change}`, timeoutMs: 20_000, everyMs: 100 });
    }
    ended = true;
    await load;
    await until(async () => (await world.ends('predictions.<model>')) >= posted, { what: 'all answers', timeoutMs: 20_000, everyMs: 200 });
    expect((await world.read('predictions.<model>')).length).toBe(posted);
    expect(warnings('begins again').length).toBeLessThan(posted / 10);
  });
});

/** A store that both instances see, as a database. */
class SharedRows extends ProjectionStore<string[]> {
  override readonly shared = true;
  readonly rows: string[];
  readonly positions: Map<string, number>;
  released = 0;

  constructor(of: { rows: string[]; positions: Map<string, number> }) {
    super();
    [this.rows, this.positions] = [of.rows, of.positions];
  }

  async position(_: string, topic: string, partition: number): Promise<number> {
    return this.positions.get(`${topic}/${partition}`) ?? 0;
  }

  async transact(step: { topic: string; partition: number; expected: number; next: number }, work: (tx: string[]) => Promise<void>): Promise<void> {
    const place = `${step.topic}/${step.partition}`;
    const rows: string[] = [];
    await work(rows);
    if ((this.positions.get(place) ?? 0) !== step.expected) throw new MillraceError('POSITION_MOVED', `${place} has moved`);
    this.positions.set(place, step.next);
    this.rows.push(...rows);
  }

  override async release(): Promise<void> {
    this.released++;
  }
}

describe('a projection into a shared store', () => {
  const both = { rows: [] as string[], positions: new Map<string, number>() };
  const plan = (store: SharedRows) => ({
    service: 'console',
    projections: [{ name: 'rows', store: store as ProjectionStore<unknown>, handlers: [{ event: VectorComputed, project: async (batch: Iterable<Read>, tx: unknown) => void (tx as string[]).push(...[...batch].map(({ event }) => (event as VectorComputed).entityKeys[0]!)) }] }],
  });
  beforeEach(() => {
    both.rows.length = 0;
    both.positions.clear();
  });

  it('runs in one instance, is released at its end, and goes on in the other', async () => {
    const [one, two] = [new SharedRows(both), new SharedRows(both)];
    const runtimes = [await instance(plan(one), 'a'), await instance(plan(two), 'b')];
    const owners = (): ServiceRuntime[] => runtimes.filter((runtime) => running(runtime, /console\.rows/));
    await until(() => owners().length === 1, { what: 'one owner' });
    await world.postTo('feature-vectors.<model>', 0, vector('a'), vector('b'));
    await until(() => both.rows.length === 2, { what: 'two rows' });
    const [owner] = owners();
    await owner!.stop();
    expect(one.released + two.released).toBe(1);
    await world.postTo('feature-vectors.<model>', 1, vector('c'));
    await until(() => both.rows.length === 3, { what: 'three rows', timeoutMs: 15_000 });
    expect([...both.rows].sort()).toEqual(['a', 'b', 'c']);
  });

  it('that does not end when its place goes to another instance still stands there, for the watchdog and for operators', async () => {
    let release = (): void => undefined;
    const hung = new Promise<void>((resolve) => (release = resolve));
    const [one, two] = [new SharedRows(both), new SharedRows(both)];
    const hanging = jest.spyOn(one, 'transact').mockImplementation(() => hung);
    const successor = Array.from({ length: 30 }, (_, number) => `b${number}`).find((name) => assignLanes(['a', name], 1).get(name)!.length === 1)!;
    const first = await instance(plan(one), 'a');
    await until(() => running(first, /console\.rows/), { what: 'the owner' });
    await world.postTo('feature-vectors.<model>', 0, vector('a'));
    await until(() => hanging.mock.calls.length === 1, { what: 'a step that hangs' });
    const stop = jest.spyOn(RestartingLoop.prototype, 'stop');
    await instance(plan(two), successor);
    await until(() => both.rows.length === 1 && stop.mock.calls.length === 1, { what: 'the successor at work, and the end of the first asked for', timeoutMs: 20_000 });
    expect(first.states().map(({ name }) => name)).toContainEqual(expect.stringMatching(/console\.rows/));
    release();
    await until(() => first.states().length === 0, { what: 'the end of the first' });
    stop.mockRestore();
  });

  it('that runs twice all the same writes nothing twice, and one of the two stands back', async () => {
    const runtimes = [await instance(plan(new SharedRows(both)), 'a', 'static'), await instance(plan(new SharedRows(both)), 'b', 'static')];
    const failed = (): boolean => runtimes.some((runtime) => runtime.states().some(({ state }) => state === 'failed'));
    let posted = 0;
    await until(async () => {
      await world.postTo('feature-vectors.<model>', 0, vector(`v${posted++}`));
      return failed();
    }, { what: 'one that stands back', timeoutMs: 40_000, everyMs: 100 });
    await until(() => both.rows.length === posted, { what: 'all rows' });
    expect(new Set(both.rows).size).toBe(posted);
    expect(warnings('OWNED_TWICE').length).toBe(1);
    expect(warnings('begins again').length).toBeLessThan(10);
  });
});
