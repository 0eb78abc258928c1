import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import type { LogLine } from './log-line.ts';
import { ServiceProcess, type ServiceCommand } from './service-process.ts';
import type { ServiceState } from './state-file.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a supervised service', () => {
  let folder: string;
  let service: ServiceProcess;
  const lines: LogLine[] = [];
  const states: ServiceState[] = [];
  const deaths: string[] = [];

  const make = (code: string, more: Partial<ServiceCommand> = {}): ServiceProcess => {
    const entry = path.join(folder, 'service.mjs');
    writeFileSync(entry, code);
    const environment = { PATH: process.env['PATH'] };
    const watcher = { wrote: (line: LogLine) => lines.push(line), changed: (_: string, state: ServiceState) => states.push(state), died: (_: string, how: string) => deaths.push(how) };
    return (service = new ServiceProcess({ name: 'toy', entry, nodeOptions: [], environment, niceness: 5, ...more }, watcher));
  };
  /** Ready on the port it is given, else on 4711; ends in order on SIGTERM. */
  const good = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);
    process.send({ ready: true, port: Number(process.env.PORT) || 4711 });`;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-service-'));
    for (const list of [lines, states, deaths]) list.length = 0;
  });
  afterEach(async () => {
    service.kill();
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it('is ready when it says so, and ends when it is asked to', async () => {
    await make(good).start();
    const { pid, port, restarts } = service.state;
    expect({ port, restarts }).toEqual({ port: 4711, restarts: 0 });
    expect(getPriority(pid!)).toBe(5);
    await service.stop();
    expect(isAlive(pid!)).toBe(false);
    expect(deaths).toEqual([]);
  });

  it('is ended and started again when it runs but answers no more', async () => {
    const answering = `import http from 'node:http';
      const server = http.createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1', () => process.send({ ready: true, port: server.address().port }));
      setTimeout(() => { for (;;); }, 500);`;
    await make(answering, { liveness: { host: '127.0.0.1', everyMs: 100, unanswered: 5 } }).start();
    await until(() => service.state.restarts > 0, { what: 'a new process', timeoutMs: 20_000 });
    expect(deaths[0]).toBe('was ended by SIGKILL');
  }, 30_000);

  it('is started again after a kill, with the same port', async () => {
    await make(good).start();
    const first = service.state.pid!;
    process.kill(first, 'SIGKILL');
    await until(() => states.at(-1)!.restarts === 1 && states.at(-1)!.pid !== first && states.length >= 4, { what: 'second life' });
    expect(service.state.port).toBe(4711);
    expect(deaths).toEqual(['was ended by SIGKILL']);
  });

  it('fails when it dies again and again before it was ready, with its last words', async () => {
    const start = make(`console.log(JSON.stringify({ level: 'error', text: 'KAFKA_BROKERS is missing' })); process.exitCode = 3;`).start();
    await expect(start).rejects.toMatchObject({ code: 'SERVICE_FAILED', message: 'toy does not start, it ended with code 3: KAFKA_BROKERS is missing' });
  });

  it('hands on what it writes, to stdout and stderr', async () => {
    await make(`console.log(JSON.stringify({ level: 'warn', text: 'careful' })); console.error('trouble'); ${good}`).start();
    await until(() => lines.length === 2, { what: 'both lines' });
    expect(lines.map(({ level, text }) => `${level} ${text}`).sort()).toEqual(['error trouble', 'warn careful']);
  });

  it('is killed together with what it has started', async () => {
    await make(`import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(JSON.stringify({ level: 'info', text: String(child.pid) })); ${good}`).start();
    await until(() => lines.length === 1, { what: 'process id of its child' });
    const child = Number(lines[0]!.text);
    service.kill();
    await until(() => !isAlive(child), { what: 'end of its child' });
    await service.stop();
  });
});
