import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from './service-process.ts';
import { until } from './until.ts';

/** Answers with its environment, ends with exit code 0 when asked to. */
const service = `
import { createServer } from 'node:http';
const server = createServer(({ url }, response) => response.end(JSON.stringify({ url, options: process.env.NODE_OPTIONS, given: process.env.GIVEN, home: process.env.HOME })));
server.on('request', ({ url }) => url === '/crash' && process.exit(7));
server.listen(0, '127.0.0.1', () => process.send({ ready: true, port: server.address().port }));
process.on('SIGTERM', () => process.exit(0));
console.log('started');
`;

let folder: string;
const written = (name: string, text: string): URL => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return pathToFileURL(file);
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-service-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ServiceProcess', () => {
  it('runs a service with the environment it is given, and without the options of Jest', async () => {
    const app = await ServiceProcess.start({ main: written('service.mjs', service), environment: { GIVEN: 'yes', HOME: undefined }, keepsOutput: true });
    expect(await app.json('a/b?c=1')).toEqual({ url: '/a/b?c=1', options: '', given: 'yes' });
    expect(await app.end('SIGTERM')).toBe(0);
    expect(await app.end('SIGKILL')).toBe(0);
    expect(app.output).toBe('started\n');
    expect(() => process.kill(app.pid, 0)).toThrow('ESRCH');
  });

  it('kills', async () => {
    const app = await ServiceProcess.start({ main: written('service.mjs', service), environment: {}, keepsOutput: true });
    expect(app.isRunning).toBe(true);
    expect(await app.end('SIGKILL')).toBeNull();
    expect(app.isRunning).toBe(false);
    await expect(app.ask('')).rejects.toThrow('fetch failed');
  });

  it('takes no crash for an end', async () => {
    const app = await ServiceProcess.start({ main: written('service.mjs', service), environment: {}, keepsOutput: true });
    await app.ask('crash').catch(() => undefined);
    await until(() => !app.isRunning, { what: 'the crash' });
    await expect(app.end('SIGKILL')).rejects.toThrow('ended by itself with 7: started');
  });

  it('says why a service did not start', async () => {
    const start = (main: URL) => ServiceProcess.start({ main, environment: {}, keepsOutput: true });
    await expect(start(written('broken.mjs', 'process.exit(3)'))).rejects.toThrow('broken.mjs ended at its start with 3');
    await expect(start(pathToFileURL(path.join(folder, 'nowhere.mjs')))).rejects.toThrow('nowhere.mjs is missing: build the service first');
  });
});
