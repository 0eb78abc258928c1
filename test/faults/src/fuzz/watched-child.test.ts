import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { watchedChild } from './watched-child.ts';

const program = fileURLToPath(new URL('./harmful-targets.ts', import.meta.url));

describe('fuzzing in a child', () => {
  it('kills one that loops for ever, and names the run; what it found before is kept', async () => {
    const { report, findings, reached } = await watchedChild({ program, part: { target: 'endless', seed: 17, from: 3, to: 100 }, heapMb: 64, hangMs: 4000 });
    expect(report).toBeUndefined();
    expect(reached).toBe(17);
    expect(findings).toEqual([{ run: 15, problem: 'is wrong', what: 'input 15' }, { run: 17, problem: 'hung: no sign of life for 4 s', what: '' }]);
  }, 30_000);

  it('names the run that has ended the process', async () => {
    const { findings } = await watchedChild({ program, part: { target: 'ending', seed: 17, from: 3, to: 100 }, heapMb: 64 });
    expect(findings).toEqual([{ run: 15, problem: 'is wrong', what: 'input 15' }, { run: 17, problem: 'the process ended with SIGKILL', what: '' }]);
  }, 30_000);

  it('says that nothing was tried when the process ends before', async () => {
    await expect(watchedChild({ program, part: { target: 'unknown', seed: 1, from: 0, to: 100 }, heapMb: 64 })).rejects.toThrow(/ended with 1 before it tried an input/);
  }, 30_000);

  it('goes on behind it', async () => {
    const { report, findings } = await watchedChild({ program, part: { target: 'endless', seed: 17, from: 18, to: 5000 }, heapMb: 64 });
    expect(report).toMatchObject({ runs: 4982, accepted: 4982, findings: [] });
    expect(findings).toEqual([]);
  }, 30_000);
});
