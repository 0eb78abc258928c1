import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning } from '@millrace/embedded';
import { describe, expect, it } from '@jest/globals';
import { testDatabase, testKafka, testWorkspace } from './shared-servers.ts';
import { until } from './until.ts';

describe('shared servers', () => {
  it('are the same for all who ask', async () => {
    const [one, two] = await Promise.all([testKafka(), testKafka()]);
    expect(one.brokers).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(two.brokers).toBe(one.brokers);
    expect((await testDatabase()).url).toBe((await testDatabase()).url);
  }, 240_000);

  it('end with the process that owns the run, even when that is killed', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'millrace-test-'));
    chmodSync(directory, 0o755);
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(path.join(directory, 'owner'), String(owner.pid));
    const host = spawn(process.execPath, ['--conditions=@millrace/source', fileURLToPath(new URL('./server-host.ts', import.meta.url)), 'postgres', directory], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] },
    });
    try {
      const address = path.join(directory, 'postgres.json');
      await until(() => existsSync(address), { what: 'database', timeoutMs: 20_000 });
      const { pid } = JSON.parse(readFileSync(address, 'utf8')) as { pid: number };
      expect(isRunning(pid, directory)).toBe(true);
      owner.kill('SIGKILL');
      await until(() => !isRunning(pid, directory) && !existsSync(directory), { what: 'end of the database and its folder' });
    } finally {
      owner.kill('SIGKILL');
      host.kill('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    }
  }, 40_000);

  it('keep tests apart by names that Kafka and PostgreSQL take', () => {
    const names = Array.from({ length: 50 }, testWorkspace);
    expect(new Set(names).size).toBe(50);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]+$/);
  });
});
