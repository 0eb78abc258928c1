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
    expect(proxy.seen).toEqual([1, 2, 3].map((nth) => ({ apiKey: ApiKey.apiVersions, apiVersion: 0, nth, fault: undefined })));
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
