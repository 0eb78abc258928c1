import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { kcat } from './run-kcat.ts';

describe('kcat', () => {
  it('says what to install where it is missing', async () => {
    await expect(kcat(['-V'], 'kcat-that-is-not-there')).rejects.toMatchObject({ code: 'KCAT_MISSING', hint: expect.stringContaining('apt-get install kcat') });
  });

  it('says what kcat complained about', async () => {
    await expect(kcat(['-X', 'no.such.option=1', '-L'])).rejects.toMatchObject({ code: 'KCAT_FAILED', message: expect.stringContaining('no.such.option') });
  });
  it.each([[1, 'an answer'], [2, 'an answer'], [3, undefined]])('is asked again when its time was too short: %d times', async (late, answer) => {
    const folder = mkdtempSync(join(tmpdir(), 'kcat-'));
    const [program, asked] = [join(folder, 'kcat'), join(folder, 'asked')];
    writeFileSync(program, `#!/bin/sh\necho . >> ${asked}\n[ $(wc -l < ${asked}) -gt ${late} ] && echo an answer && exit 0\necho '% ERROR: offsets_for_times failed: Local: Timed out' >&2\nexit 1\n`, { mode: 0o755 });
    try {
      const output = await kcat([], program).then((bytes) => bytes.toString().trim(), () => undefined);
      expect(output).toBe(answer);
      expect(readFileSync(asked, 'utf8').trim().split('\n')).toHaveLength(Math.min(3, late + 1));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
