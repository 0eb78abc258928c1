import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { EmbeddedDatabase } from './embedded-database.ts';
import { isRunning } from './running-process.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: what only root meets, this process is not root');
const asRoot = isRoot ? it : it.skip;
let folder: string;
let running: EmbeddedDatabase | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-postgres-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir: string, onProgress?: (line: string) => void): Promise<EmbeddedDatabase> {
  running = await EmbeddedDatabase.start({ dataDir, ...(onProgress && { onProgress }) });
  return running;
}

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client(running?.url);
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

describe('EmbeddedDatabase', () => {
  it('keeps port, password and rows over an orderly end and a kill', async () => {
    const first = await start(folder);
    await query("create table kept as select 'é' collate \"und-x-icu\" as letter");
    expect(await query("select current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding")).toEqual([{ zone: 'UTC', encoding: 'UTF8' }]);
    await first.stop();
    expect(isRunning(first.pid, folder)).toBe(false);

    const second = await start(folder);
    expect(second.url).toBe(first.url);
    process.kill(second.pid, 'SIGKILL');
    await second.exited;
    expect(existsSync(path.join(folder, 'data', 'postmaster.pid'))).toBe(true);

    const third = await start(folder);
    expect(third.url).toBe(first.url);
    expect(await query('select letter from kept')).toEqual([{ letter: 'é' }]);
  }, 60_000);

  it('refuses a wrong password', async () => {
    const { port } = await start(folder);
    const client = new pg.Client(`postgres://millrace:guess@127.0.0.1:${port}/postgres`);
    await expect(client.connect()).rejects.toThrow('password authentication failed');
  }, 30_000);

  it('refuses a folder that another server uses, and names the process', async () => {
    const { pid } = await start(folder);
    await expect(EmbeddedDatabase.start({ dataDir: folder })).rejects.toMatchObject({ code: 'ALREADY_RUNNING', hint: expect.stringContaining(`kill ${pid}`) });
  }, 30_000);

  it('starts although the lock of a dead server carries the number of a stranger', async () => {
    await (await start(folder)).stop();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      writeFileSync(path.join(folder, 'data', 'postmaster.pid'), `${stranger.pid}\n${path.join(folder, 'data')}\n`);
      await start(folder);
      expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      stranger.kill('SIGKILL');
    }
  }, 30_000);

  it('begins again when its first preparation was cut short', async () => {
    mkdirSync(path.join(folder, 'data.new'));
    writeFileSync(path.join(folder, 'data.new', 'PG_VERSION'), '18\n');
    await start(folder);
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
  }, 30_000);

  asRoot('as root under a folder closed to others: goes to /var/tmp, says so once, and leaves word where', async () => {
    const closed = path.join(folder, 'closed');
    const dataDir = path.join(closed, 'data');
    mkdirSync(closed, { mode: 0o700 });
    const lines: string[] = [];
    await start(dataDir, (line) => lines.push(line));
    const elsewhere = readFileSync(path.join(dataDir, 'elsewhere.txt'), 'utf8').trim();
    try {
      expect(lines).toEqual([expect.stringContaining(closed)]);
      expect(lines[0]).toContain(elsewhere);
      expect(existsSync(path.join(elsewhere, 'data', 'PG_VERSION'))).toBe(true);
      expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      await running?.stop();
      rmSync(elsewhere, { recursive: true, force: true });
    }
  }, 30_000);
});
