import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedDatabase } from './embedded-database.ts';
import { infraDirectory } from './infra-directory.ts';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-clean-'));
  chmodSync(folder, 0o755);
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function clean(): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(infraDirectory(), 'clean.mjs'), '--data-dir', data], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

describe('npm run clean', () => {
  it('refuses while a server runs on the data, then removes them, also those that lie in /var/tmp', async () => {
    // As root the database of a closed folder goes to /var/tmp; as anybody else it stays.
    mkdirSync(data, { mode: 0o700 });
    const database = await EmbeddedDatabase.start({ dataDir: path.join(data, 'postgres') });
    const word = path.join(data, 'postgres', 'elsewhere.txt');
    const elsewhere = existsSync(word) ? readFileSync(word, 'utf8').trim() : data;
    try {
      expect(clean()).toEqual({ status: 1, text: expect.stringContaining(`process ${database.pid}`) });
      expect(existsSync(path.join(elsewhere))).toBe(true);
    } finally {
      await database.stop();
    }
    expect(clean()).toEqual({ status: 0, text: expect.stringContaining('removed') });
    expect([existsSync(data), existsSync(elsewhere)]).toEqual([false, false]);
    expect(clean()).toEqual({ status: 0, text: expect.stringContaining('nothing there') });
  }, 30_000);

  it('leaves a folder alone that holds anything else', () => {
    mkdirSync(path.join(data, 'kafka'), { recursive: true });
    writeFileSync(path.join(data, 'thesis.txt'), '');
    expect(clean()).toEqual({ status: 1, text: expect.stringContaining('thesis.txt') });
    expect(existsSync(path.join(data, 'kafka'))).toBe(true);
  });
});
