import { describe, expect, it } from '@jest/globals';
import { kcat } from './run-kcat.ts';

describe('kcat', () => {
  it('says what to install where it is missing', async () => {
    await expect(kcat(['-V'], 'kcat-that-is-not-there')).rejects.toMatchObject({ code: 'KCAT_MISSING', hint: expect.stringContaining('apt-get install kcat') });
  });

  it('says what kcat complained about', async () => {
    await expect(kcat(['-X', 'no.such.option=1', '-L'])).rejects.toMatchObject({ code: 'KCAT_FAILED', message: expect.stringContaining('no.such.option') });
  });
});
