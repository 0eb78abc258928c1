import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { until } from '@millrace/testing';
import { Findings, command, type FindingsState } from '../runtime/testing/findings-world.ts';
import { World, type Seen } from '../runtime/testing/world.ts';

const faults = Number(process.env['MILLRACE_KILL_FAULTS'] ?? 8);
jest.setTimeout(60_000 + faults * 5000);
let world: World;
let workers: Worker[] = [];
beforeEach(async () => {
  world = await World.open({ models: [] });
  workers = [];
}, 240_000);
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  await world.close();
});

class Worker {
  readonly process: ChildProcess;
  lines = '';

  constructor(sharing: 'static' | 'group') {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const script = join(import.meta.dirname, 'decision-worker.ts');
    this.process = spawn(process.execPath, ['--conditions=@millrace/source', '--no-warnings', script, world.brokers, world.workspace.prefix, `worker-${workers.length}`, sharing, '3'], { stdio: ['ignore', 'pipe', 'inherit'], env });
    this.process.stdout!.on('data', (chunk: Buffer) => (this.lines += chunk.toString()));
    workers.push(this);
  }

  get active(): boolean {
    return this.lines.lastIndexOf('ACTIVE') > this.lines.lastIndexOf('PASSIVE') && this.lives;
  }

  get lives(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  end(signal: NodeJS.Signals): Promise<void> {
    if (!this.lives) return Promise.resolve();
    return new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.kill(signal);
    });
  }
}

/** Posts commands until stopped; gives their ids. */
function posting(): { ids: string[]; stop(): Promise<void> } {
  const ids: string[] = [];
  let stopping = false;
  const run = (async () => {
    while (!stopping) {
      const few = Array.from({ length: 1 + (ids.length % 4) }, (_, index) => `c${ids.length + index}`);
      await world.post('commands', ...few.map(command));
      ids.push(...few);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  return {
    ids,
    stop: () => {
      stopping = true;
      return run;
    },
  };
}

const fieldOf = (records: Seen[], field: string): string[] => records.map(({ event }) => (event as unknown as Record<string, string>)[field]!);

/** Every command led to one report and one request, in order; the sequence has neither gap nor double; a restart folds the same. */
async function check(ids: readonly string[]): Promise<void> {
  await until(async () => (await world.ends('retrain-requested')) >= ids.length, { what: `${ids.length} decisions`, timeoutMs: 40_000, everyMs: 200 });
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  const [reports, requests] = [await world.read('findings'), await world.read('retrain-requested')];
  expect(fieldOf(reports, 'model')).toEqual(ids);
  expect(fieldOf(requests, 'episode')).toEqual(ids);
  const sequences = [...reports, ...requests].map(({ headers }) => Number(headers['sequence'])).sort((a, b) => a - b);
  expect(sequences).toEqual(sequences.map((_, index) => index));
  const restarted = await world.start({ service: 'monitor', deciders: [{ decider: Findings as never, handlers: [] }] });
  const state = await until(() => restarted.current(Findings.name) as FindingsState | undefined, { what: 'the state after a restart' });
  expect(state.said).toEqual(ids.flatMap((id) => [`reported ${id}`, `requested ${id}`]));
}

describe('a decider under SIGKILL and SIGSTOP, with waits between all steps of the protocol', () => {
  it(`decides every input once (${faults} faults; read by librdkafka)`, async () => {
    let worker = new Worker('static');
    await until(() => worker.active, { what: 'an active worker', timeoutMs: 20_000 });
    const commands = posting();
    for (let fault = 0; fault < faults; fault++) {
      const before = commands.ids.length;
      await until(() => commands.ids.length > before + 20 + 11 * (fault % 5), { what: 'more commands', timeoutMs: 20_000 });
      const old = worker;
      if (fault % 3 === 2) old.process.kill('SIGSTOP');
      else await old.end('SIGKILL');
      worker = new Worker('static');
      await until(() => worker.active, { what: 'an active worker', timeoutMs: 20_000 });
      if (!old.lives) continue;
      // A zombie: it wakes up in the middle of what it did, is fenced, and fences its successor in turn.
      old.process.kill('SIGCONT');
      await until(() => old.lines.includes('begins again'), { what: 'the fence', timeoutMs: 20_000 });
      await old.end('SIGKILL');
    }
    await commands.stop();
    await check(commands.ids);
  });

  it('has one active instance of two, and the other takes over when it is killed', async () => {
    const [one, two] = [new Worker('group'), new Worker('group')];
    await until(() => one.active !== two.active, { what: 'one active worker', timeoutMs: 20_000 });
    const commands = posting();
    await until(() => commands.ids.length > 50, { what: 'commands' });
    const [owner, other] = one.active ? [one, two] : [two, one];
    const killed = performance.now();
    await owner.end('SIGKILL');
    await until(() => other.active, { what: 'the other to take over', timeoutMs: 15_000 });
    expect(performance.now() - killed).toBeLessThan(10_000);
    await commands.stop();
    await check(commands.ids);
  });
});
