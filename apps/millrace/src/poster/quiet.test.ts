import { describe, expect, it } from '@jest/globals';
import type { ServiceStatus } from '../client/service-client.ts';
import { unfinished, untilQuiet, type Standing } from './quiet.ts';

const status = (service: string, change: Partial<ServiceStatus> = {}): ServiceStatus => ({ service, pid: 1, memoryBytes: 1, loops: [{ name: `${service}.lane.0`, state: 'running', lag: { a: 0 } }], jobs: [], ...change });
const job = (waiting: boolean) => ({ job: 'train-model', id: 'x', share: 0.5, text: 'fitting', waiting });
const rollout = (waitsFor: string) => ({ version: 2, stage: 'canary', weight: 5, waitsFor });
const quiet: Standing = { services: [status('trainer'), status('monitor')], models: [{ name: 'm', rollout: null }] };

describe('a platform', () => {
  it('is quiet when nothing is left to do', () => expect(unfinished(quiet)).toEqual([]));

  it('is quiet while a job waits for data and a canary for outcomes: both go on with what is held back', () => {
    expect(unfinished({ services: [status('trainer', { jobs: [job(true)] })], models: [{ name: 'm', rollout: rollout('outcomes') }] })).toEqual([]);
  });

  it.each<[string, Standing, string]>([
    ['records wait', { ...quiet, services: [status('monitor', { loops: [{ name: 'l', state: 'running', lag: { a: 2, b: 3 } }] })] }, 'monitor is 5 records behind'],
    ['a job works', { ...quiet, services: [status('trainer', { jobs: [job(false)] })] }, 'train-model: fitting'],
    ['a loop starts', { ...quiet, services: [status('monitor', { loops: [{ name: 'l', state: 'starting', lag: {} }] })] }, 'l is starting'],
    ['a version is loaded', { ...quiet, models: [{ name: 'm', rollout: rollout('loading') }] }, 'version 2 of m waits for loading'],
    ['a route is adopted', { ...quiet, models: [{ name: 'm', rollout: rollout('adoption') }] }, 'version 2 of m waits for adoption'],
  ])('is not quiet while %s', (_, standing, what) => expect(unfinished(standing)).toEqual([what]));

  it('is waited for, also while a service does not answer', async () => {
    const answers: (Standing | Error)[] = [new Error('restarting'), { ...quiet, services: [status('trainer', { jobs: [job(false)] })] }, quiet];
    const waited: (string | undefined)[] = [];
    const look = async (): Promise<Standing> => {
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    expect(await untilQuiet({ look, onWait: (what) => waited.push(what), signal: new AbortController().signal, withinMs: 10_000 })).toBeUndefined();
    expect(waited.slice(0, 3)).toEqual(['a service does not answer', 'train-model: fitting', undefined]);
  });

  it('is not waited for when a loop has stopped for good', async () => {
    const failed = { ...quiet, services: [status('monitor', { loops: [{ name: 'monitor.lane.0', state: 'failed', lag: { a: 9 }, error: 'OFFSET_GAP' }] })] };
    expect(await untilQuiet({ look: async () => failed, onWait: () => undefined, signal: new AbortController().signal, withinMs: 10_000 })).toBe('monitor.lane.0 has stopped: OFFSET_GAP');
  });

  it('is waited for as long as fewer and fewer records wait', async () => {
    let records = 20;
    const look = async (): Promise<Standing> => ({ ...quiet, services: [status('monitor', { loops: [{ name: 'l', state: 'running', lag: { a: Math.max(0, records--) } }] })] });
    expect(await untilQuiet({ look, onWait: () => undefined, signal: new AbortController().signal, withinMs: 1600 })).toBeUndefined();
  });

  it('is waited for as long as a job goes on', async () => {
    let step = 0;
    const look = async (): Promise<Standing> => ({ ...quiet, services: [status('trainer', { jobs: ++step > 20 ? [] : [{ ...job(false), share: step / 20 }] })] });
    expect(await untilQuiet({ look, onWait: () => undefined, signal: new AbortController().signal, withinMs: 1600 })).toBeUndefined();
  });

  it('is waited for no longer than allowed', async () => {
    const busy = { ...quiet, services: [status('trainer', { jobs: [job(false)] })] };
    expect(await untilQuiet({ look: async () => busy, onWait: () => undefined, signal: new AbortController().signal, withinMs: 300 })).toBe('train-model: fitting');
  });
});
