import { describe, expect, it } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import { Losses } from './losses.ts';
import { scoreRows } from './score-rows.ts';
import type { Scorer } from './scorers.ts';

/** A model of one feature that scores it, and ends by `end` with any call that holds a row from 100 on. `calls` = rows of each call. */
function world(end: string, { lostCalls = 0 } = {}) {
  let now = 0;
  const calls: number[] = [];
  let left = lostCalls;
  const scorer: Scorer = {
    features: 1, featureSet: 'f', provider: 'cpu', losses: new Losses(() => now),
    score: async (rows, n) => {
      calls.push(n);
      if (left-- > 0 || rows.some((value) => value >= 100)) throw new MillraceError(end, 'gone', { retriable: true });
      return rows.slice();
    },
  };
  const ask = (values: number[], mayRecover = () => true) => scoreRows(scorer, Float32Array.from(values), values.length, mayRecover);
  return { calls, scorer, ask, wait: (ms: number) => (now += ms) };
}

describe('rows that are scored together', () => {
  it('are asked again when their process was lost, and nothing is missing', async () => {
    const { ask, calls, scorer } = world('SCORING_CRASHED', { lostCalls: 1 });
    expect(await ask([1, 2, 3])).toEqual([1, 2, 3]);
    expect(calls).toEqual([3, 3]);
    expect(scorer.losses.failing).toBe(false);
  });

  it.each(['SCORING_CRASHED', 'SCORING_TIMEOUT', 'SCORING_FAILED'])('keep their scores beside one that ends in %s', async (code) => {
    const { ask, scorer } = world(code);
    for (let batch = 0; batch < 10; batch++) expect(await ask([1, 100, 3])).toEqual([1, `gone (${code})`, 3]);
    expect(scorer.losses.failing).toBe(false);
  });

  it('are asked once per row at most beyond the two calls', async () => {
    const { ask, calls } = world('SCORING_TIMEOUT');
    await ask([1, 100, 3, 101]);
    expect(calls).toEqual([4, 4, 1, 1, 1, 1]);
  });

  it('have no score when the model loses its process with all of them, and it is left alone for some seconds', async () => {
    const { ask, calls, scorer, wait } = world('SCORING_CRASHED');
    const all = Array<number>(50).fill(100);
    expect(await ask(all)).toEqual(all.map(() => 'gone (SCORING_CRASHED)'));
    expect(calls.length).toBeLessThan(10);
    expect(scorer.losses).toMatchObject({ failing: true, restsMs: 2000 });
    const before = calls.length;
    expect(await ask([1])).toEqual([expect.stringContaining('MODEL_FAILING')]);
    expect(calls.length).toBe(before);
    wait(2001);
    expect(scorer.losses).toMatchObject({ failing: true, restsMs: 0 });
    expect(await ask([1])).toEqual([1]);
    expect(await ask([100, 1, 2])).toEqual(['gone (SCORING_CRASHED)', 1, 2]);
  });

  it('cost one call when the model is tried again in vain, after longer and longer times', async () => {
    const { ask, calls, wait } = world('SCORING_TIMEOUT');
    await ask([100, 100]);
    for (const restMs of [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const before = calls.length;
      wait(restMs - 1);
      expect(await ask([1, 2])).toEqual(Array(2).fill(expect.stringContaining('MODEL_FAILING')));
      expect(calls.length).toBe(before);
      wait(1);
      expect(await ask([100, 100])).toEqual(Array(2).fill('gone (SCORING_TIMEOUT)'));
      expect(calls.length).toBe(before + 1);
    }
    wait(60_000);
    expect(await ask([1, 2])).toEqual([1, 2]);
  });

  it('of two slots that lose the same process make it rest as long as those of one', async () => {
    const { ask, scorer, wait } = world('SCORING_CRASHED');
    const both = (): Promise<unknown> => Promise.all([ask([100, 100]), ask([100, 100])]);
    await both();
    expect(scorer.losses.restsMs).toBe(2000);
    wait(2000);
    await both();
    expect(scorer.losses.restsMs).toBe(4000);
  });

  it('make it rest for the shortest time when it is lost and cannot be started again', async () => {
    const { ask, scorer } = world('SCORING_UNAVAILABLE');
    const { score } = scorer;
    let calls = 0;
    Object.assign(scorer, { score: (rows: Float32Array, n: number) => (calls++ === 0 ? Promise.reject(new MillraceError('SCORING_CRASHED', 'gone')) : score(rows, n)) });
    await ask([100, 100]);
    expect(calls).toBe(2);
    expect(scorer.losses.restsMs).toBe(2000);
  });

  it('end a trial when one of them is answered alone', async () => {
    const { ask, scorer, wait } = world('SCORING_FAILED');
    scorer.losses.fail();
    wait(2000);
    expect(await ask([1, 100])).toEqual([1, 'gone (SCORING_FAILED)']);
    expect(scorer.losses.failing).toBe(false);
  });

  it('make a model failing that loses its process four times in a minute, though each call is answered at last', async () => {
    const { scorer, ask } = world('SCORING_CRASHED');
    const { score } = scorer;
    let calls = 0;
    Object.assign(scorer, { score: (rows: Float32Array, n: number) => (calls++ % 2 === 0 ? Promise.reject(new MillraceError('SCORING_CRASHED', 'gone')) : score(rows, n)) });
    for (let batch = 0; batch < 4; batch++) expect(await ask([1, 2])).toEqual([1, 2]);
    expect(scorer.losses.failing).toBe(true);
  });

  it('give up at once when no process can be started', async () => {
    const { ask, calls, scorer } = world('SCORING_UNAVAILABLE');
    expect(await ask([1, 100])).toEqual(Array(2).fill('gone (SCORING_UNAVAILABLE)'));
    expect(calls).toEqual([2]);
    expect(scorer.losses.failing).toBe(true);
  });

  it('are not asked again when there is no time left', async () => {
    const { ask, calls } = world('SCORING_TIMEOUT');
    expect(await ask([1, 100], () => false)).toEqual(Array(2).fill('gone (SCORING_TIMEOUT)'));
    expect(calls).toEqual([2]);
  });

  it('are left to whoever comes next when the process ends', async () => {
    await expect(world('SCORING_CLOSED').ask([100])).rejects.toMatchObject({ code: 'SCORING_CLOSED', retriable: true });
  });
});
