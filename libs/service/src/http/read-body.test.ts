import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { readBody } from './read-body.ts';

const limit = 1 << 20;
const bytesOf = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 7) % 251));

it.each([[0, 1], [1, 1], [4096, 1000], [4097, 4097], [200_000, 333], [limit, 65_536]])('reads %d bytes in pieces of %d, with and without a known length', async (length, piece) => {
  const body = bytesOf(length);
  for (const known of [length, undefined]) {
    const payload = new PassThrough();
    const read = readBody(payload, known);
    for (let at = 0; at < length; at += piece) payload.write(body.subarray(at, at + piece));
    payload.end();
    expect((await read).equals(body)).toBe(true);
  }
});

it('refuses what is beyond the limit, and lets the rest flow by', async () => {
  const payload = new PassThrough();
  const read = readBody(payload, undefined);
  payload.write(Buffer.alloc(limit));
  payload.write('x');
  await expect(read).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  payload.end('more');
  await new Promise((resolve) => payload.once('end', resolve));
});

it('keeps no list of small pieces: a body of a million takes little memory', async () => {
  const payload = new PassThrough();
  const read = readBody(payload, undefined);
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < limit; at++) payload.emit('data', Buffer.allocUnsafeSlow(1));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * limit);
  payload.end();
  expect(await read).toHaveLength(limit);
});

it('tells that the client has gone', async () => {
  const payload = new PassThrough();
  const read = readBody(payload, 10);
  payload.destroy(new Error('aborted'));
  await expect(read).rejects.toMatchObject({ statusCode: 400 });
});
