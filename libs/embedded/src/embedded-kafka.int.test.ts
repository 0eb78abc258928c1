import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedKafka } from './embedded-kafka.ts';
import { freePort } from './free-port.ts';
import { KafkaProbe } from './kafka-probe.ts';
import { isRunning } from './running-process.ts';

let folder: string;
let running: EmbeddedKafka | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-kafka-'));
});
afterEach(async () => {
  await running?.kill();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { port?: number } = {}): Promise<EmbeddedKafka> {
  running = await EmbeddedKafka.start({ dataDir: folder, ...options });
  return running;
}

describe('EmbeddedKafka', () => {
  it('serves groups and transactions at once, and finds its port and data again after an orderly end and after a kill', async () => {
    const first = await start();
    expect(first.brokers).toBe(`127.0.0.1:${first.port}`);
    const probe = await KafkaProbe.connect(first.port);
    expect(await probe.hasBroker()).toBe(true);
    expect(await probe.warm()).toBe(true);
    probe.close();
    const cluster = readFileSync(path.join(folder, 'logs', 'meta.properties'), 'utf8');

    await first.stop();
    expect(await first.exited).toBe(143); // 128 + SIGTERM: the virtual machine's way to end in order
    expect(isRunning(first.pid, folder)).toBe(false);
    const second = await start();
    expect(second.port).toBe(first.port);
    await second.kill();
    expect(await second.exited).toBe('SIGKILL');
    const third = await start();
    expect(third.port).toBe(first.port);
    expect(readFileSync(path.join(folder, 'logs', 'meta.properties'), 'utf8')).toBe(cluster);
  }, 240_000);

  it('listens where it is told to, and moves when the last port is taken', async () => {
    const port = await freePort();
    expect((await start({ port })).port).toBe(port);
    await running?.kill();
    const stranger = net.createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(String(port)) });
      expect((await start()).port).not.toBe(port);
    } finally {
      stranger.close();
    }
  }, 60_000);

  it('refuses a folder that another broker uses, and names the process', async () => {
    const { pid } = await start();
    await expect(EmbeddedKafka.start({ dataDir: folder })).rejects.toMatchObject({ code: 'ALREADY_RUNNING', hint: expect.stringContaining(`kill ${pid}`) });
  }, 60_000);

  it('says why when the broker itself gives up', async () => {
    await (await start()).stop();
    const meta = path.join(folder, 'logs', 'meta.properties');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace(/node\.id=1/, 'node.id=2'));
    const size = statSync(path.join(folder, 'broker.log')).size;
    await expect(start()).rejects.toMatchObject({ code: 'KAFKA_FAILED', message: expect.stringContaining('node'), hint: expect.stringContaining('broker.log') });
    expect(statSync(path.join(folder, 'broker.log')).size).toBeGreaterThan(size);
  }, 60_000);
});
