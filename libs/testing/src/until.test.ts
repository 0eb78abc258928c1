import { describe, expect, it } from '@jest/globals';
import { until } from './until.ts';

describe('until', () => {
  it('returns the first value that is there, and takes 0 and empty text for one', async () => {
    const answers = [undefined, false, null, 0];
    expect(await until(() => answers.shift(), { what: 'an answer', everyMs: 1 })).toBe(0);
  });

  it('goes on when the condition throws, and names what was missing with the last error as cause', async () => {
    let tries = 0;
    const never = until(
      () => {
        tries++;
        throw new Error('not there');
      },
      { what: 'champion', timeoutMs: 50, everyMs: 1 },
    );
    await expect(never).rejects.toMatchObject({ message: 'no champion within 50 ms', cause: expect.objectContaining({ message: 'not there' }) });
    expect(tries).toBeGreaterThan(2);
  });
});
