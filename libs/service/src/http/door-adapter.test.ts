import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { doorAdapter } from './door-adapter.ts';
import { Door } from './door.ts';
import { errorAnswer } from './error-answer.ts';

const requestMs = 600;
const json = 'content-type: application/json';
let door: Door;
let app: ReturnType<typeof listening> extends Promise<infer T> ? T : never;
/** Requests that the handler of `/held` has and does not answer. */
let held: (() => void)[];
let handled: unknown[];

async function listening() {
  const fastify = doorAdapter(door).getInstance();
  fastify.setErrorHandler((error, _request, reply) => {
    const { status, body } = errorAnswer(error);
    void reply.status(status).send(body);
  });
  fastify.get('/health/live', async () => ({ status: 'ok' }));
  fastify.post('/echo', async ({ body }) => {
    handled.push(body);
    return body;
  });
  fastify.post('/held', () => new Promise((resolve) => held.push(() => resolve({}))));
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  return { fastify, port: (fastify.server.address() as AddressInfo).port };
}

interface Client {
  readonly socket: net.Socket;
  readonly text: () => string;
  readonly closed: () => boolean;
}

/** A client that need not keep to HTTP. */
const connect = (...writes: string[]): Client => connectFrom('127.0.0.1', ...writes);
function connectFrom(localAddress: string, ...writes: string[]): Client {
  const socket = net.connect({ host: '127.0.0.1', port: app.port, localAddress });
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1'))).on('error', () => undefined);
  for (const write of writes) socket.write(write, 'latin1');
  return { socket, text: () => text, closed: () => socket.closed };
}

const head = (method: string, path: string, ...headers: string[]): string => [`${method} ${path} HTTP/1.1`, 'host: door', ...headers, '', ''].join('\r\n');
const post = (path: string, body: string, ...headers: string[]): string => head('POST', path, json, `content-length: ${body.length}`, ...headers) + body;
const answer = (client: { text: () => string }, status: number): Promise<string> => until(() => client.text().startsWith(`HTTP/1.1 ${status} `) && client.text(), { what: `an answer ${status}`, timeoutMs: 5000 });

beforeEach(async () => {
  [held, handled] = [[], []];
  door = new Door({ requests: 2, bytes: 3 << 20, connections: 100, requestMs });
  app = await listening();
});

afterEach(async () => {
  for (const release of held) release();
  app.fastify.server.closeAllConnections();
  await app.fastify.close();
});

describe('what is too large', () => {
  it('is refused before its body is read, and the connection serves on', async () => {
    const client = connect(head('POST', '/echo', json, 'content-length: 1048577'));
    expect(await answer(client, 413)).toContain('"code":"BODY_TOO_LARGE"');
    client.socket.write(' '.repeat(1_048_577) + head('GET', '/health/live'));
    await until(() => client.text().includes('HTTP/1.1 200 '), { what: 'the next answer', timeoutMs: 5000 });
    expect(handled).toEqual([]);
  });

  it('is refused when it says nothing of its length', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const client = connect(head('POST', '/echo', json, 'transfer-encoding: chunked'), ...Array.from({ length: 40 }, () => chunk));
    expect(await answer(client, 413)).toContain('"code":"BODY_TOO_LARGE"');
    await until(() => door.admission.standing().bytes === 0, { what: 'nothing counted' });
  });

  it('is refused for more than 100 headers, and for more than 16 KiB of them', async () => {
    for (const headers of [Array.from({ length: 101 }, (_, index) => `x-${index}: a`), [`x: ${'a'.repeat(20_000)}`]]) {
      expect(await answer(connect(head('GET', '/echo', ...headers)), 431)).toContain('"code":"HEADERS_TOO_LARGE"');
    }
    await answer(connect(head('GET', '/health/live', ...Array.from({ length: 99 }, (_, index) => `x-${index}: a`))), 200);
  });
});

describe('what is slow', () => {
  it.each([
    ['headers', 'GET /health/live HTTP/1.1\r\nhost: a\r\n'],
    ['a body', head('POST', '/echo', json, 'content-length: 100') + '{'],
    ['a client that says nothing', ''],
  ])('ends after its time, while others are served: %s', async (_, bytes) => {
    const start = performance.now();
    const slow = Array.from({ length: 10 }, () => connect(bytes));
    await answer(connect(post('/echo', '{"a":1}')), 200);
    for (const client of slow) {
      expect(await answer(client, 408)).toContain('"code":"REQUEST_TIMEOUT"');
      await until(client.closed, { what: 'the end of the connection' });
    }
    expect(performance.now() - start).toBeLessThan(requestMs + 2000);
    await until(() => door.admission.standing().bytes === 0, { what: 'nothing counted' });
  });
});

describe('connections', () => {
  it('of one client leave a tenth of all to others', async () => {
    const greedy = Array.from({ length: 150 }, () => connectFrom('127.0.0.2', 'GET /health'));
    await until(() => greedy.filter((client) => client.closed()).length >= 60, { what: 'the end of what is too much' });
    await answer(connectFrom('127.0.0.3', head('GET', '/health/live')), 200);
    expect(greedy.filter((client) => !client.closed())).toHaveLength(90);
  });

  it('that a client does not use make place for its new ones', async () => {
    for (let round = 0; round < 120; round++) await answer(connectFrom('127.0.0.2', head('GET', '/health/live')), 200);
  });
});

describe('what is malformed', () => {
  it.each([
    ['no HTTP', '\x16\x03\x01\x02\x00\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['two lengths', head('POST', '/echo', json, 'content-length: 2', 'content-length: 3') + '{}', 400, 'INVALID_REQUEST'],
    ['chunks that are none', head('POST', '/echo', json, 'transfer-encoding: chunked') + 'zz\r\n', 400, 'INVALID_REQUEST'],
    ['another type', head('POST', '/echo', 'content-type: application/x-www-form-urlencoded', 'content-length: 3') + 'a=1', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a bad escape in the address', head('GET', '/%zz'), 400, 'INVALID_REQUEST'],
    ['an expectation that is not known', head('GET', '/health/live', 'expect: miracles'), 417, 'EXPECTATION_FAILED'],
    ['a part of the address that is too long', head('GET', `/echo/${'a'.repeat(15_000)}`), 404, ''],
  ])('is answered: %s', async (_, bytes, status, code) => {
    expect(await answer(connect(bytes), status)).toContain(code);
  });
});

describe('a door that is full', () => {
  it('refuses before the body is read, says when to come again, and answers health', async () => {
    const busy = [connect(post('/held', '{}')), connect(post('/held', '{}'))];
    await until(() => held.length === 2, { what: 'two requests under way' });
    const refused = connect(head('POST', '/echo', json, 'content-length: 2'));
    expect(await answer(refused, 503)).toMatch(/retry-after: 1\r\n[^]*"code":"OVERLOADED"/);
    await answer(connect(head('GET', '/health/live')), 200);
    for (const release of held.splice(0)) release();
    await Promise.all(busy.map((client) => answer(client, 200)));
    refused.socket.write(`{}${post('/echo', '{"again":true}')}`);
    await until(() => refused.text().includes('HTTP/1.1 200 '), { what: 'an answer on the same connection' });
    expect(handled).toEqual([{ again: true }]);
  });

  it('tells a client that asks before it sends', async () => {
    connect(post('/held', '{}'), post('/held', '{}'));
    await until(() => held.length === 2, { what: 'two requests under way' });
    const asks = head('POST', '/echo', json, 'content-length: 2', 'expect: 100-continue');
    expect(await answer(connect(asks), 503)).not.toContain('100 Continue');
    for (const release of held.splice(0)) release();
    await until(() => door.admission.standing().requests === 0, { what: 'an empty door' });
    const client = connect(asks);
    await answer(client, 100);
    client.socket.write('{}');
    await until(() => client.text().includes('HTTP/1.1 200 '), { what: 'the answer' });
  });

  it('counts a request until its handler has answered, even when its client has gone', async () => {
    const gone = connect(post('/held', '{}'));
    await until(() => held.length === 1, { what: 'a request under way' });
    gone.socket.destroy();
    await until(gone.closed, { what: 'a client that has gone' });
    expect(door.admission.standing()).toMatchObject({ requests: 1, bytes: 2 });
    held.pop()!();
    await until(() => door.admission.standing().requests === 0, { what: 'a place' });
    expect(door.admission.standing().bytes).toBe(0);
  });

  it('forgets the half of a body whose client has gone', async () => {
    const gone = connect(head('POST', '/echo', json, 'content-length: 1000') + '{');
    await until(() => door.admission.standing().bytes === 1000, { what: 'all of its bytes' });
    gone.socket.destroy();
    await until(() => door.admission.standing().bytes === 0, { what: 'nothing counted' });
    expect(door.admission.standing().requests).toBe(0);
  });
});

describe('bodies that do not come to an end', () => {
  /** As if the largest body would come. */
  const large = head('POST', '/echo', json, 'content-length: 1048576') + '{';
  const chunked = head('POST', '/echo', json, 'transfer-encoding: chunked') + '1\r\n{\r\n';

  it.each([
    ['of a known length', large],
    ['of an unknown length', chunked],
    ['at an address of health', chunked.replace('/echo', '/health/live')],
  ])('are held against the limit from their headers on: %s', async (_, bytes) => {
    const slow = Array.from({ length: 20 }, (_, index) => connectFrom(`127.0.0.${2 + index}`, bytes));
    await until(() => slow.filter((client) => client.text().startsWith('HTTP/1.1 503 ')).length === 17, { what: 'the refusal of all but three', timeoutMs: 5000 });
    expect(door.admission.standing()).toMatchObject({ requests: 0, bytes: 3 << 20 });
    await answer(connect(head('GET', '/health/live')), 200);
  });

  it('take no place from others when they are of one client', async () => {
    const slow = Array.from({ length: 20 }, () => connectFrom('127.0.0.2', large));
    await until(() => slow.filter((client) => client.text().startsWith('HTTP/1.1 429 ')).length === 18, { what: 'the refusal of all but two', timeoutMs: 5000 });
    expect(slow.find((client) => client.text() !== '')!.text()).toMatch(/retry-after: 1\r\n[^]*"code":"TOO_MANY_REQUESTS"/);
    await answer(connect(post('/echo', JSON.stringify('x'.repeat(1_000_000)))), 200);
    await answer(connectFrom('127.0.0.2', head('GET', '/nothing')), 404);
  });

  it('hold what they have needed once they are complete', async () => {
    connect(`${head('POST', '/held', json, 'transfer-encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`);
    await until(() => held.length === 1, { what: 'a request under way' });
    expect(door.admission.standing()).toMatchObject({ requests: 1, bytes: 2 });
  });
});

it('says in its own shape that it stops, answers what it has begun, and tells of its health to the end', async () => {
  const begun = connect(post('/held', '{}'));
  const [late, asks] = [connect(head('GET', '/nothing').slice(0, -2)), connect(head('GET', '/health/live').slice(0, -2))];
  await until(() => held.length === 1, { what: 'a request under way' });
  await answer(connect(head('GET', '/health/live')), 200);
  door.stop();
  const closed = app.fastify.close();
  late.socket.write('\r\n');
  asks.socket.write('\r\n');
  expect(await answer(late, 503)).toMatch(/connection: close\r\n[^]*retry-after: 1\r\n[^]*"code":"STOPPING"[^]*"retriable":true/);
  await answer(asks, 200);
  held.pop()!();
  expect(await answer(begun, 200)).toContain('connection: close');
  await closed;
});

it('reads a body that comes in chunks of a byte', async () => {
  const body = JSON.stringify({ a: 'é'.repeat(5000) });
  const chunks = [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`);
  expect(await answer(connect(head('POST', '/echo', json, 'transfer-encoding: chunked'), ...chunks, '0\r\n\r\n'), 200)).toBeTruthy();
  expect(handled).toEqual([JSON.parse(body)]);
});

it('refuses what a guard has an error for, but not what asks for health', async () => {
  door.guard((method, path) => (method === 'POST' && path.startsWith('/echo') ? new MillraceError('BROKER_AWAY', 'the broker is away', { retriable: true }) : undefined));
  expect(await answer(connect(post('/echo', '{}')), 503)).toContain('"code":"BROKER_AWAY"');
  await answer(connect(head('GET', '/health/live')), 200);
  expect(handled).toEqual([]);
});
