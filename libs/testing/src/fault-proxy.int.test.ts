import { execFile } from 'node:child_process';
import type net from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTopic } from './create-topic.ts';
import { ApiKey, FaultProxy, type FaultRule } from './fault-proxy.ts';
import { testKafka, testWorkspace } from './shared-servers.ts';
import { until } from './until.ts';

let brokers: string;
let proxy: FaultProxy;
beforeAll(async () => {
  ({ brokers } = await testKafka());
}, 240_000);
afterEach(() => proxy.stop());

async function through(rules: FaultRule[]): Promise<net.Socket> {
  proxy = await FaultProxy.start({ brokers, rules });
  return new Promise((resolve) => {
    const socket = proxy.socketFactory({ onConnect: () => resolve(socket) });
    socket.on('error', () => undefined);
  });
}

/** ApiVersions v0: the shortest request there is. */
function apiVersions(correlation: number): Buffer {
  const frame = Buffer.alloc(14);
  frame.writeInt32BE(10, 0);
  frame.writeInt16BE(ApiKey.apiVersions, 4);
  frame.writeInt32BE(correlation, 8);
  frame.writeInt16BE(-1, 12);
  return frame;
}

/** Correlation ids of the answers, and when they came. */
function answers(socket: net.Socket): { id: number; at: number }[] {
  const got: { id: number; at: number }[] = [];
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 8 && received.length >= 4 + received.readInt32BE(0)) {
      got.push({ id: received.readInt32BE(4), at: performance.now() });
      received = received.subarray(4 + received.readInt32BE(0));
    }
  });
  return got;
}

describe('conditions of a FaultProxy', () => {
  it('are latency, jitter and bandwidth, and keep the order', async () => {
    const socket = await through([]);
    const got = answers(socket);
    proxy.conditions = { latencyMs: 60, jitterMs: 20 };
    const start = performance.now();
    socket.write(Buffer.concat([apiVersions(1), apiVersions(2), apiVersions(3)]));
    await until(() => got.length === 3, { what: 'three answers' });
    expect(got.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(got[0]!.at - start).toBeGreaterThanOrEqual(118);
    proxy.conditions = { bytesPerSecond: 1000 };
    const slow = performance.now();
    socket.write(apiVersions(4));
    await until(() => got.length === 4, { what: 'a slow answer' });
    expect(got[3]!.at - slow).toBeGreaterThan(200);
  });

  it('hits the next requests of a kind behind those that pass, and counts them', async () => {
    const socket = await through([]);
    const got = answers(socket);
    socket.write(apiVersions(1));
    await until(() => got.length === 1, { what: 'an answer' });
    expect(proxy.countOf(ApiKey.apiVersions)).toBe(1);
    proxy.next(ApiKey.apiVersions, { delayMs: 1 }, { count: 2, skip: 1 });
    for (let id = 2; id <= 5; id++) socket.write(apiVersions(id));
    await until(() => got.length === 5, { what: 'all answers' });
    expect(proxy.seen.map(({ fault }) => fault !== undefined)).toEqual([false, false, true, true, false]);
    expect(proxy.faulted).toBe(2);
    proxy.next(ApiKey.apiVersions, 'drop-request');
    expect(proxy.rules).toHaveLength(1);
  });

  it.each(['both', 'requests', 'answers'] as const)('is a half-open link (%s): accepted and silent, until it heals', async (silent) => {
    const socket = await through([]);
    proxy.conditions = { silent };
    const got = answers(socket);
    socket.write(apiVersions(1));
    const late = await new Promise<net.Socket>((resolve) => {
      const second = proxy.socketFactory({ onConnect: () => resolve(second) });
    });
    const gotLate = answers(late);
    late.write(apiVersions(2));
    await until(() => proxy.seen.length === 2, { what: 'two requests at the proxy' });
    // A request that the broker has answered is there within a few milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([got, gotLate]).toEqual([[], []]);
    proxy.conditions = {};
    await until(() => got.length === 1 && gotLate.length === 1, { what: 'both answers' });
    late.destroy();
  });

  it('cuts after so many bytes, refuses new connections, and resets open ones', async () => {
    const socket = await through([]);
    proxy.conditions = { cutAfterBytes: 10 };
    let bytes = 0;
    socket.on('data', (chunk) => (bytes += chunk.length));
    socket.write(apiVersions(1));
    await until(() => socket.closed, { what: 'the cut' });
    expect(bytes).toBe(10);
    proxy.conditions = {};
    const second = proxy.socketFactory({ onConnect: () => proxy.reset() });
    second.on('error', () => undefined);
    await until(() => second.closed, { what: 'the reset' });
    proxy.conditions = { refuses: true };
    const third = proxy.socketFactory({ onConnect: () => undefined });
    third.on('error', () => undefined);
    await until(() => third.closed, { what: 'the refusal' });
  });

  it('lets a request that is held arrive although its sender has gone', async () => {
    const topic = `${testWorkspace()}.late`;
    await createTopic({ brokers, topic, partitions: 1 });
    let release = (): void => undefined;
    const holdUntil = new Promise<void>((resolve) => (release = resolve));
    const socket = await through([{ apiKey: ApiKey.produce, fault: { holdUntil } }]);
    socket.write(produce(topic));
    await until(() => proxy.seen.length === 1, { what: 'the request at the proxy' });
    socket.destroy();
    await until(() => socket.closed, { what: 'the end of its sender' });
    expect(await endOf(topic)).toBe(0);
    release();
    await until(async () => (await endOf(topic)) === 1, { what: 'the record' });
  });
});

describe('FaultProxy', () => {
  it('passes everything on when no rule fits, also a frame that comes byte by byte', async () => {
    const socket = await through([{ apiKey: ApiKey.produce, fault: 'drop-request' }]);
    const got = answers(socket);
    for (const byte of apiVersions(7)) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(Buffer.concat([apiVersions(8), apiVersions(9)]));
    await until(() => got.length === 3, { what: 'three answers' });
    expect(got.map(({ id }) => id)).toEqual([7, 8, 9]);
    expect(proxy.seen).toEqual([1, 2, 3].map((nth) => ({ apiKey: ApiKey.apiVersions, apiVersion: 0, nth, fault: undefined, answered: true })));
  });

  it('loses the answer to exactly the n-th request and cuts the connection', async () => {
    const socket = await through([{ apiKey: ApiKey.apiVersions, nth: 2, fault: 'drop-reply' }]);
    const got = answers(socket);
    socket.write(Buffer.concat([apiVersions(1), apiVersions(2), apiVersions(3)]));
    await until(() => socket.closed, { what: 'end of the connection' });
    expect(got.map(({ id }) => id)).toEqual([1]);
  });

  it('holds an answer back, and those behind it with it', async () => {
    const socket = await through([{ apiKey: ApiKey.apiVersions, nth: 1, fault: { delayMs: 300 } }]);
    const got = answers(socket);
    const start = performance.now();
    socket.write(Buffer.concat([apiVersions(1), apiVersions(2)]));
    await until(() => got.length === 2, { what: 'two answers' });
    expect(got.map(({ id }) => id)).toEqual([1, 2]);
    for (const { at } of got) expect(at - start).toBeGreaterThanOrEqual(295);
  });

  it.each([['drop-request', 0], ['drop-reply', 1]] as const)('%s of a produce request leaves %i records in the log', async (fault, count) => {
    const topic = `${testWorkspace()}.faults`;
    await createTopic({ brokers, topic, partitions: 1 });
    const socket = await through([{ apiKey: ApiKey.produce, fault }]);
    socket.write(produce(topic));
    await until(() => socket.closed, { what: 'end of the connection' });
    expect(await endOf(topic)).toBe(count);
  });
});

/** Record batch v2 with one record, no key, value 'x', time 1000, CRC-32C as the format asks. */
const BATCH =
  '000000000000000000000039ffffffff025a82220500000000000000000000000003e800000000000003e8ffffffffffffffffffffffffffff000000010e00000001027800';

/** Produce v3 of that batch to partition 0. */
function produce(topic: string): Buffer {
  const batch = Buffer.from(BATCH, 'hex');
  const name = Buffer.from(topic);
  const body = Buffer.alloc(2 + 2 + 4 + 4 + 2 + name.length + 4 + 4 + 4 + batch.length);
  let at = body.writeInt16BE(-1, 0); // no transaction
  at = body.writeInt16BE(-1, at); // acks: all
  at = body.writeInt32BE(5_000, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(name.length, at);
  at += name.copy(body, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt32BE(0, at); // partition
  at = body.writeInt32BE(batch.length, at);
  batch.copy(body, at);
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + body.length, 0);
  head.writeInt16BE(ApiKey.produce, 4);
  head.writeInt16BE(3, 6);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(-1, 12);
  return Buffer.concat([head, body]);
}

async function endOf(topic: string): Promise<number> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile('kcat', ['-b', brokers, '-Q', '-t', `${topic}:0:-1`], (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  return Number(/offset (\d+)/.exec(output)?.[1]);
}
