import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandIssued, MillraceError, PerformanceReported, RetrainRequested, type Event } from '@millrace/contracts';
import { arm } from '@millrace/fail-points';
import { until } from '@millrace/testing';
import type { Decider } from '../handlers/decider.ts';
import { Tick } from '../handlers/local-event.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { DeciderLoop } from './decider-loop.ts';
import type { DecisionHandler } from './decider-spec.ts';
import { inputsFor, ownTopics } from './plan.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { Findings, Question, command, findings, report, request, type FindingsState } from './testing/findings-world.ts';
import { FailPoint, World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
const loops: DeciderLoop[] = [];
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
  await world.close();
});

const plan = (group = findings()) => ({ service: 'monitor', deciders: [group] });
const standing = (runtime: ServiceRuntime) => runtime.states()[0]!;
const current = (runtime: ServiceRuntime): FindingsState | undefined => runtime.current(Findings.name) as FindingsState | undefined;
const ask = (runtime: ServiceRuntime, id: string, kind?: Question['kind']): Promise<Event[]> => runtime.ask(Findings.name, new Question(id, kind));
const running = (runtime: ServiceRuntime) => until(() => standing(runtime).state === 'running', { what: 'a running decider' });
const heard = (runtime: ServiceRuntime, count: number) => until(() => current(runtime)?.heard === count, { what: `${count} commands heard` });
const requested = async (): Promise<string[]> => (await world.read('retrain-requested')).map(({ event }) => (event as RetrainRequested).episode);

describe('a decider', () => {
  it('is after a restart what it was: own events in the order of their sequence over two topics, then what it heard', async () => {
    const first = await world.start(plan());
    await world.post('commands', command('a'), command('silent 1'), command('b'));
    await heard(first, 3);
    await ask(first, 'c');
    await world.post('commands', command('silent 2'), command('d'));
    await heard(first, 5);
    const before = current(first);
    await first.stop();
    const second = await world.start(plan());
    await running(second);
    expect(current(second)).toEqual(before);
    expect(current(second)!.said).toEqual(['reported a', 'requested a', 'reported b', 'requested b', 'requested c', 'reported d', 'requested d']);
    await ask(second, 'e');
    const sequences = [...(await world.read('findings')), ...(await world.read('retrain-requested'))].map(({ headers }) => Number(headers['sequence']));
    expect(sequences.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps nothing of what it has read to begin', async () => {
    const first = await world.start(plan());
    await world.post('commands', command('silent'), command('a'));
    await heard(first, 2);
    await first.stop();
    const seen: WeakRef<Event>[] = [];
    const group = findings();
    const [decisions, door] = group.handlers as [DecisionHandler, DecisionHandler];
    const observe: DecisionHandler['observe'] = (state, read) => (seen.push(new WeakRef(read.event)), decisions.observe!(state, read));
    const second = await world.start(plan({ ...group, handlers: [{ ...decisions, observe }, door] }));
    await running(second);
    expect(seen).toHaveLength(2);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until(() => (collect(), seen.every((event) => event.deref() === undefined)), { what: 'memory without commands' });
  });

  it('commits the offsets of inputs that lead to nothing, and does not hear them again', async () => {
    const first = await world.start(plan());
    await world.post('commands', command('silent 1'), command('silent 2'));
    await heard(first, 2);
    await first.stop();
    const second = await world.start(plan());
    await world.post('commands', command('silent 3'));
    await heard(second, 3);
    expect(await requested()).toEqual([]);
  });

  it('is not mistaken for one that lost its offsets after it only answered a door', async () => {
    const first = await world.start(plan());
    await ask(first, 'a');
    await first.stop();
    const second = await world.start(plan());
    await running(second);
    expect((await ask(second, 'b'))[0]).toMatchObject({ episode: 'b' });
  });

  it('goes on where its own events say when the broker has forgotten how far it was', async () => {
    const first = await world.start(plan());
    await world.post('commands', command('a'), command('b'), command('silent'));
    await heard(first, 3);
    const before = current(first);
    await first.stop();
    await world.cluster.withAdmin((admin) => admin.deleteGroups([world.workspace.group('monitor', Findings.name)]));
    const second = await world.start(plan());
    await heard(second, 3);
    expect(current(second)).toEqual(before);
    expect(await requested()).toEqual(['a', 'b']);
    expect(world.lines.join('\n')).toContain('lie behind the outputs');
  });

  it('is refused with own events and no offsets', async () => {
    await world.post('retrain-requested', request('from where'));
    const runtime = await world.start(plan());
    await until(() => standing(runtime).state === 'failed', { what: 'refusal' });
    expect(world.lines.join('\n')).toContain('OFFSETS_LOST');
    await expect(ask(runtime, 'a')).rejects.toMatchObject({ code: 'NOT_READY' });
  });

  it('stops when a rule fails on what was decided before, and does not try for ever', async () => {
    const first = await world.start(plan());
    await ask(first, 'a');
    await first.stop();
    const faulty = { ...Findings, evolve: () => { throw new TypeError('no such field'); } };
    const second = await world.start(plan(findings(faulty)));
    await until(() => standing(second).state === 'failed', { what: 'end of the loop' });
    expect(standing(second).error).toBe('the handler of test-findings (evolve) failed: no such field');
    expect(world.lines.filter((line) => line.includes('begins again'))).toEqual([]);
  });

  it('ticks once per second', async () => {
    const ticks: number[] = [];
    const onTick: DecisionHandler = {
      event: Tick, publishes: [RetrainRequested],
      *decide(_, { event }) {
        ticks.push((event as Tick).now);
        if (ticks.length === 2) yield request('tick');
      },
    };
    await world.start(plan(findings(Findings, onTick)));
    await until(async () => (await world.ends('retrain-requested')) === 1, { what: 'a decision on a tick' });
    expect(ticks[1]! - ticks[0]!).toBeGreaterThan(900);
  });
});

describe('a question', () => {
  it.each([['refused', 'REFUSED'], ['half-invalid', 'INVALID_EVENT'], ['too-large', 'RECORD_TOO_LARGE'], ['faulty', undefined]] as const)('that is %s leaves nothing behind, and the decider goes on', async (kind, code) => {
    const runtime = await world.start(plan());
    await expect(ask(runtime, 'a', kind)).rejects.toMatchObject(code ? { code } : { message: 'a fault of the rule' });
    const both = await Promise.allSettled([ask(runtime, 'b', kind), ask(runtime, 'c')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await requested()).toEqual(['c']);
    expect(current(runtime)!.said).toEqual(['requested c']);
    expect((await world.read('retrain-requested'))[0]!.headers['sequence']).toBe('0');
  });

  it('is answered by its committed events', async () => {
    const runtime = await world.start(plan());
    expect(await ask(runtime, 'a')).toMatchObject([{ episode: 'a' }]);
    expect(await requested()).toEqual(['a']);
    expect(await ask(runtime, 'a')).toEqual([]);
  });

  it.each([['send', 'NOT_READY', []], ['committed', 'DECISION_UNKNOWN', ['a', 'b', 'c']]] as const)("whose transaction fails at '%s' is answered retriable (%s) with all that wait beside it; asked again, it is decided once", async (step, code, left) => {
    const point = new FailPoint();
    const runtime = await world.start(plan(), { pause: point.pause });
    await running(runtime);
    point.arm(step);
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((id) => ask(runtime, id)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { code, retriable: true } });
    await running(runtime);
    expect(await requested()).toEqual(left);
    for (const id of ['a', 'b', 'c']) await ask(runtime, id);
    expect(await requested()).toEqual(['a', 'b', 'c']);
  });

  it.each([['decision.taken', 'NOT_READY', []], ['decision.ended', 'DECISION_UNKNOWN', ['a']]] as const)('whose step fails at %s is answered retriable (%s); asked again, it is decided once', async (point, code, left) => {
    const runtime = await world.start(plan());
    await running(runtime);
    let failures = 1;
    arm((at) => {
      if (at === point && failures-- > 0) throw new Error('fail point');
    });
    try {
      await expect(ask(runtime, 'a')).rejects.toMatchObject({ code, retriable: true });
    } finally {
      arm(undefined);
    }
    await running(runtime);
    expect(await requested()).toEqual(left);
    await ask(runtime, 'a');
    expect(await requested()).toEqual(['a']);
  });

  it('to a decider that was fenced is answered retriable, and decided once when asked again', async () => {
    const runtime = await world.start(plan());
    await running(runtime);
    const { workspace, cluster } = world;
    const successor = await TransactionalWriter.open(cluster, { transactionalId: workspace.writerId('monitor', Findings.name, undefined, 0), group: workspace.group('monitor', Findings.name) });
    await expect(ask(runtime, 'a')).rejects.toMatchObject({ retriable: true });
    await successor.close();
    await until(() => ask(runtime, 'a'), { what: 'an answer' });
    expect(await requested()).toEqual(['a']);
  });

  it('is refused once the service ends, and nobody waits for ever', async () => {
    const runtime = await world.start(plan());
    await running(runtime);
    const asked = Promise.allSettled([ask(runtime, 'a'), ask(runtime, 'b')]);
    await runtime.stop();
    for (const answer of await asked) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'NOT_READY', retriable: true });
    await expect(ask(runtime, 'c')).rejects.toMatchObject({ code: 'NOT_READY', retriable: true });
  });
});

describe('the end of a job', () => {
  const reports: DecisionHandler = {
    event: CommandIssued, publishes: [PerformanceReported],
    *decide(_, { event }) {
      yield report((event as CommandIssued).commandId);
    },
  };
  const listed = ({ said }: FindingsState) => said.filter((name) => name.startsWith('reported')).map((name) => name.slice('reported '.length));
  const open = ({ said }: FindingsState) => listed({ said, heard: 0 }).filter((id) => !said.includes(`requested ${id}`));

  /** A decider whose jobs end at once, whenever they are announced. */
  async function loopWith(jobs: (state: FindingsState) => string[], announced: (ids: string[]) => void, pause?: FailPoint['pause'], handlers = [reports]): Promise<DeciderLoop> {
    const { cluster, workspace, lines } = world;
    const say = (text: string): void => void lines.push(text);
    const decider = { ...Findings, jobs: (state: FindingsState) => jobs(state).map((id) => ({ job: 'check', id, input: null })) } as unknown as Decider<unknown>;
    const loop: DeciderLoop = new DeciderLoop(
      { service: 'monitor', decider, handlers, inputs: inputsFor(CommandIssued, workspace, { streams: [], models: [] }, 'all'), own: ownTopics(decider, workspace, 'monitor') },
      {
        cluster, workspace, log: { info: say, warn: say, error: say }, now: Date.now, pause,
        wanted: (orders) => {
          announced(orders.map(({ id }) => id));
          for (const order of orders) loop.end(order, { events: [request(order.id)], headers: {} }, [RetrainRequested]);
        },
      },
    );
    loop.start();
    loops.push(loop);
    return loop;
  }

  it('that was lost with its transaction is handed over again, and published once', async () => {
    const point = new FailPoint();
    let armed = false;
    const loop = await loopWith(open, (ids) => {
      if (ids.length > 0 && !armed) point.arm('send');
      armed ||= ids.length > 0;
    }, point.pause);
    await world.post('commands', command('a'));
    await until(() => (loop.decided as FindingsState | undefined)?.said.length === 2, { what: 'the end of the job' });
    expect(await requested()).toEqual(['a']);
    expect(world.lines.filter((line) => line.includes('begins again'))).toHaveLength(1);
  });

  it('that leaves its job listed stops the decider: it would be published for ever', async () => {
    const loop = await loopWith(listed, () => undefined);
    await world.post('commands', command('a'));
    await until(() => loop.state === 'failed', { what: 'end of the loop' });
    expect(loop.error!.message).toContain('a is still listed after retrain-requested');
    expect(await requested()).toEqual([]);
  });

  it('like a tick may fail, and whoever asked behind it is answered', async () => {
    const faulty: DecisionHandler = {
      event: Tick, publishes: [],
      decide() {
        throw new MillraceError('NOT_NOW', 'the archive is away', { retriable: true });
      },
    };
    const loop = await loopWith(() => [], () => undefined, undefined, [...findings().handlers, faulty]);
    await until(() => loop.state === 'running', { what: 'a running decider' });
    loop.tick();
    await expect(loop.ask(new Question('a'))).rejects.toMatchObject({ code: 'NOT_READY', retriable: true });
    await until(() => loop.ask(new Question('a')), { what: 'an answer' });
    expect(await requested()).toEqual(['a']);
  });
});
