import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import { IngestionDoor } from './ingestion-door.ts';
import { openLoop } from './open-loop.ts';

let door: IngestionDoor;
const limit = 16;
const order = (number: number, place: object = {}): object => ({ order: number, customer: 'c', placedAt: Date.UTC(2026, 0, 1), amount: 1, items: 1, ...place });
const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> => door.service.ask('events/orders', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const requestOf = (body: string): string => `POST /events/orders HTTP/1.1\r\nhost: door\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const standing = (): Promise<{ door: { requests: number; bytes: number; refused: number } }> => door.service.json('status');

beforeAll(async () => {
  door = await IngestionDoor.open({ MILLRACE_HTTP_REQUESTS: String(limit) });
}, 240_000);

afterAll(() => door?.close(), 60_000);

describe('the door of ingestion', () => {
  it('loses nothing of what it has answered 202 while it refuses what it cannot take', async () => {
    const from = 1000;
    const outcomes = await openLoop({ port: door.service.port, rate: 3000, seconds: 3, from, request: (index) => requestOf(JSON.stringify(order(index))) });
    const accepted = outcomes.filter(({ status }) => status === 202);
    const refused = outcomes.filter(({ status }) => status !== 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter(({ status, hasRetryAfter }) => status !== 503 || !hasRetryAfter)).toEqual([]);
    const written = await door.written();
    expect(accepted.filter(({ index }) => written.get(index) !== 1)).toEqual([]);
    // The one that asks.
    expect((await standing()).door).toMatchObject({ requests: 1, bytes: 0 });
  }, 60_000);

  it('answers 429 to the client that leaves the others too little', async () => {
    process.kill(door.kafka.pid, 'SIGSTOP');
    try {
      const texts: string[] = [];
      const asks = (localAddress: string, number: number): net.Socket => {
        const socket = net.connect({ host: '127.0.0.1', port: door.service.port, localAddress });
        socket.on('data', (chunk) => texts.push(chunk.toString('latin1'))).on('error', () => undefined);
        socket.write(requestOf(JSON.stringify(order(number))));
        return socket;
      };
      const sockets = [asks('127.0.0.3', 1), ...Array.from({ length: limit / 2 + 2 }, (_, index) => asks('127.0.0.2', 2 + index))];
      await until(() => texts.some((text) => /^HTTP\/1\.1 429 [^]*retry-after: 1[^]*TOO_MANY_REQUESTS/i.test(text)), { what: 'a 429', timeoutMs: 2000 });
      for (const socket of sockets) socket.destroy();
    } finally {
      process.kill(door.kafka.pid, 'SIGCONT');
    }
    await until(async () => (await post(order(100))).status === 202, { what: 'the door to take events again', timeoutMs: 20_000, everyMs: 100 });
  }, 60_000);

  it('refuses at once while the broker does not answer, lets none wait for more than 10 s, and goes on by itself', async () => {
    const first = await post(order(200));
    expect(first.status).toBe(202);
    process.kill(door.kafka.pid, 'SIGSTOP');
    const answers: { ms: number; status: number; began: number }[] = [];
    const start = performance.now();
    try {
      const asks: Promise<void>[] = [];
      for (let index = 0; performance.now() - start < 5000; index++) {
        const began = performance.now();
        asks.push(post(order(300 + index)).then(async (answer) => void ((await answer.text()), answers.push({ ms: performance.now() - began, status: answer.status, began: began - start }))));
        await delay(50);
      }
      await Promise.all(asks);
    } finally {
      process.kill(door.kafka.pid, 'SIGCONT');
    }
    expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
    expect(answers.filter(({ ms }) => ms > 10_000)).toEqual([]);
    // Behind the 2 s in which nobody can know.
    expect(answers.filter(({ began, ms }) => began > 2500 && ms > 500)).toEqual([]);
    await until(async () => (await post(order(400))).status === 202, { what: 'the door to take events again', timeoutMs: 20_000, everyMs: 100 });
  }, 90_000);

  it('lets a burst of connections wait for a process that stands still: those that find no room come again after a second', async () => {
    const burst = Math.min(1500, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));
    process.kill(door.service.pid, 'SIGSTOP');
    const sockets = Array.from({ length: burst }, () => net.connect({ host: '127.0.0.1', port: door.service.port }).on('error', () => undefined));
    try {
      await until(() => sockets.every(({ readyState }) => readyState === 'open'), { what: 'all connections of a burst', timeoutMs: 10_000 });
    } finally {
      process.kill(door.service.pid, 'SIGCONT');
      for (const socket of sockets) socket.destroy();
    }
    await until(async () => (await post(order(450))).status === 202, { what: 'an answer after it', timeoutMs: 20_000, everyMs: 100 });
  }, 60_000);

  it('names the events of an array by the Idempotency-Key and their places, so that a retry has the same ids', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const bodies = [[order(500), order(501)], [order(500), order(501)]];
    const [first, again] = await Promise.all(bodies.map(async (body) => (await post(body, key)).json()));
    expect(first).toEqual({ accepted: 2, eventIds: [expect.stringMatching(/^[\da-f]+$/), expect.stringMatching(/^[\da-f]+$/)] });
    expect(again).toEqual(first);
  });

  it('is not kept from its end by a client that is slow', async () => {
    const slow = net.connect({ host: '127.0.0.1', port: door.service.port });
    slow.on('error', () => undefined).write('POST /events/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
    await until(async () => (await standing()).door.bytes === 100, { what: 'a body on its way', timeoutMs: 5000 });
    const start = performance.now();
    expect(await door.service.end('SIGTERM')).toBe(0);
    expect(performance.now() - start).toBeLessThan(5000);
  }, 30_000);
});
