import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@millrace/testing';
import type { Answered, Doing, Told } from './testing/job-service.ts';

jest.setTimeout(40_000);
type Of<K extends Answered['kind']> = Extract<Answered, { kind: K }>;

/** A service in a process of its own, whose jobs are processes of theirs. */
class Service {
  readonly heard: Answered[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-test-jobs-'));
  readonly process: ChildProcess;

  constructor(failPoints = '') {
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.process = fork(join(import.meta.dirname, 'testing/job-service.ts'), [], { execArgv: ['--conditions=@millrace/source', '--no-warnings'], env: { ...env, MILLRACE_FAIL_POINTS: failPoints } });
    this.process.on('message', (message: Answered) => this.heard.push(message));
  }

  tell(told: Told): void {
    this.process.send(told);
  }

  /** Lists jobs; those that are new begin. */
  list(jobs: Record<string, Doing['what']>): void {
    for (const id of Object.keys(jobs)) if (!existsSync(this.file(id))) writeFileSync(this.file(id), '');
    this.tell({ kind: 'sync', orders: Object.entries(jobs).map(([id, what]) => ({ job: 'work', id, input: { what, file: this.file(id) } satisfies Doing })) });
  }

  of<K extends Answered['kind']>(kind: K): Of<K>[] {
    return this.heard.filter((answer): answer is Of<K> => answer.kind === kind);
  }

  /** How jobs ended, as `id: texts of its events`. */
  get done(): string[] {
    return this.of('done').map(({ id, events }) => `${id}: ${events.map(({ text }) => text).join(', ')}`);
  }

  /** Process and scratch folder of each start of a job. */
  starts(id: string): { pid: number; scratch: string }[] {
    const lines = readFileSync(this.file(id), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => ({ pid: Number(line.split(' ')[0]), scratch: line.split(' ')[1]! }));
  }

  started(id: string): Promise<{ pid: number; scratch: string }> {
    return until(() => this.starts(id).at(-1), { what: `a start of ${id}`, timeoutMs: 20_000 });
  }

  close(): void {
    this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  private file(id: string): string {
    return join(this.folder, id);
  }
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pid: number) => until(() => !lives(pid), { what: `end of process ${pid}`, timeoutMs: 15_000 });

let service: Service;
beforeEach(async () => {
  service = new Service();
  await until(() => service.of('ready').length > 0, { what: 'the service', timeoutMs: 20_000 });
});
afterEach(() => service.close());

describe('jobs in processes of their own', () => {
  it('end once with their events, say how far they are, and leave no scratch folder', async () => {
    service.list({ one: 'end', two: 'end twice', waits: 'wait' });
    await until(() => service.done.length === 2, { what: 'two ends', timeoutMs: 20_000 });
    expect([...service.done].sort()).toEqual(['one: start 1', 'two: first, second']);
    const { pid, scratch } = await service.started('waits');
    const shown = await until(
      () => {
        service.tell({ kind: 'progress' });
        return service.of('progress').at(-1)?.jobs.find(({ id, share }) => id === 'waits' && share > 0);
      },
      { what: 'progress of the one that waits', timeoutMs: 20_000 },
    );
    expect(shown).toEqual({ id: 'waits', share: 0.5, text: 'half way', waiting: true, pid });
    for (const start of [service.starts('one')[0]!, service.starts('two')[0]!]) {
      await gone(start.pid);
      expect(existsSync(start.scratch)).toBe(false);
    }
    expect(existsSync(scratch)).toBe(true);
  });

  it('hand over their end again as long as they are listed, and begin no second time', async () => {
    service.list({ one: 'end' });
    await until(() => service.done.length === 1, { what: 'the end', timeoutMs: 20_000 });
    service.list({ one: 'end' });
    await until(() => service.done.length === 2, { what: 'the end again' });
    expect(service.done).toEqual(['one: start 1', 'one: start 1']);
    service.list({});
    service.list({ one: 'end' });
    await until(() => service.done.length === 3, { what: 'the end of a new start', timeoutMs: 20_000 });
    expect(service.done.at(-1)).toBe('one: start 2');
  });

  it('begin again after a crash or an error that may pass; after three crashes or another error their failure is their end', async () => {
    service.list({ a: 'crash once', b: 'fail once', c: 'fail', d: 'crash', e: 'nothing', f: 'foreign' });
    await until(() => service.done.length === 6, { what: 'six ends', timeoutMs: 35_000 });
    expect([...service.done].sort()).toEqual([
      'a: start 2',
      'b: start 2',
      'c: NO_ROWS: no rows',
      'd: JOB_CRASHED: the process ended with SIGKILL',
      'e: JOB_RESULT_INVALID: it ended without an event',
      'f: JOB_RESULT_INVALID: it ended with label-observed, which the job does not list',
    ]);
    expect(service.starts('d')).toHaveLength(3);
    expect(service.starts('c')).toHaveLength(1);
  });

  it('begin again when their answer is lost on its way to the decider', async () => {
    const faulty = new Service('job.heard=fail@1');
    try {
      await until(() => faulty.of('ready').length > 0, { what: 'the service', timeoutMs: 20_000 });
      faulty.list({ a: 'end' });
      await until(() => faulty.done.length === 1, { what: 'the end', timeoutMs: 20_000 });
      expect(faulty.done).toEqual(['a: start 2']);
    } finally {
      faulty.close();
    }
  });

  it('are ended when they are listed no more and after their answer, also those that do not listen', async () => {
    service.list({ waits: 'wait', ignores: 'ignore', lingers: 'linger' });
    const [waits, ignores, lingers] = [await service.started('waits'), await service.started('ignores'), await service.started('lingers')];
    await until(() => service.done.length === 1, { what: 'the answer of the one that lingers', timeoutMs: 20_000 });
    service.list({ lingers: 'linger' });
    await Promise.all([waits, ignores, lingers].map(({ pid }) => gone(pid)));
    expect(existsSync(waits.scratch)).toBe(false);
    expect(service.done).toEqual(['lingers: start 1', 'lingers: start 1']);
  });

  it('are all gone when the service stops, and none begins behind that', async () => {
    service.list({ crashes: 'crash', ignores: 'ignore' });
    const { pid } = await service.started('ignores');
    await until(() => service.of('log').some(({ text }) => text.includes('JOB_CRASHED')), { what: 'a crash', timeoutMs: 20_000 });
    service.tell({ kind: 'stop' });
    await until(() => service.of('stopped').length === 1, { what: 'the end', timeoutMs: 8000 });
    expect(lives(pid)).toBe(false);
    service.list({ late: 'end' });
    service.tell({ kind: 'progress' });
    await until(() => service.of('progress').length > 0, { what: 'an answer' });
    expect(service.of('progress').at(-1)!.jobs).toEqual([]);
  });

  it('end with their service when it is killed, and take their scratch folder along', async () => {
    service.list({ waits: 'wait', ignores: 'ignore' });
    const starts = [await service.started('waits'), await service.started('ignores')];
    service.process.kill('SIGKILL');
    await Promise.all(starts.map(({ pid }) => gone(pid)));
    for (const { scratch } of starts) expect(existsSync(scratch)).toBe(false);
  });

  it('leave an interrupt from the terminal to their service', async () => {
    service.list({ waits: 'wait' });
    const { pid } = await service.started('waits');
    process.kill(pid, 'SIGINT');
    service.list({ waits: 'wait', another: 'end' });
    await until(() => service.done.length === 1, { what: 'the end of another', timeoutMs: 20_000 });
    expect(lives(pid)).toBe(true);
    expect(service.of('log')).toEqual([]);
  });
});
