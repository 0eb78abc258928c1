import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import { KeptServer, type Server } from './kept-server.ts';

/** A real process that does nothing until it is stopped. */
function launch(children: ChildProcess[]): Server {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  children.push(child);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)));
  return { pid: child.pid!, exited, stop: async () => (child.kill('SIGTERM'), void (await exited)) };
}

describe('an embedded server', () => {
  const children: ChildProcess[] = [];
  const seen = { pids: [] as (number | undefined)[], deaths: [] as string[] };
  const watcher = { changed: (_: string, pid: number | undefined) => void seen.pids.push(pid), died: (_: string, how: string) => void seen.deaths.push(how) };
  afterEach(() => children.forEach((child) => child.kill('SIGKILL')));

  it('is started again when it dies, and not after a stop', async () => {
    const server = new KeptServer('toy', async () => launch(children), watcher);
    const { pid } = await server.start();
    process.kill(pid, 'SIGKILL');
    await until(() => seen.pids.length === 2, { what: 'second life' });
    expect(seen).toEqual({ pids: children.map((child) => child.pid), deaths: ['was ended by SIGKILL'] });
    await server.stop();
    expect(children.every((child) => child.exitCode !== null || child.signalCode !== null)).toBe(true);
    expect(children.length).toBe(2);
  });

  it('gives the error of its first start to the caller', async () => {
    const server = new KeptServer('toy', () => Promise.reject(new Error('no Java')), watcher);
    await expect(server.start()).rejects.toThrow('no Java');
    await server.stop();
  });
});
