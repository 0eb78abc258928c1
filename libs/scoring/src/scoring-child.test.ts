import { afterEach, describe, expect, it } from '@jest/globals';

import { ScoringChild } from './scoring-child.ts';
import { logistic } from './testing/index.ts';

/** At which of 20 calls a new child answered NaN, as a child does at this fail point. */
async function failures(): Promise<string> {
  const { child } = await ScoringChild.start({ model: logistic(), features: 3, providers: ['cpu'], intraOpThreads: 1, memoryLimitMb: 512, startDeadlineMs: 30_000 });
  try {
    let seen = '';
    for (let call = 0; call < 20; call++) seen += Number.isNaN((await child.score(new Float32Array(3), 5000))[0]) ? 'x' : '.';
    return seen;
  } finally {
    child.kill('the test is over');
    await child.gone;
  }
}

describe('a child', () => {
  afterEach(() => {
    delete process.env['MILLRACE_FAIL_POINTS'];
  });

  it('fails by chances of its own: with those of its siblings the same row would fail in each of them', async () => {
    process.env['MILLRACE_FAIL_POINTS'] = 'scoring.computed=fail%50; seed=1';
    const [one, other] = [await failures(), await failures()];
    expect(one).toMatch(/x/);
    expect(other).toMatch(/x/);
    expect(one).not.toBe(other);
  });
});
