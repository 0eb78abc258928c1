import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import { watchLiveness } from './liveness-watch.ts';

const servers: net.Server[] = [];
const host = '127.0.0.1';
const listening = async (taken: (socket: net.Socket) => void): Promise<number> => {
  const server = net.createServer((socket) => taken(socket.on('error', () => undefined)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
};

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

it.each<[string, (socket: net.Socket) => void]>([
  ['at once', (socket) => socket.destroy()],
  ['at once, by a reset', (socket) => socket.resetAndDestroy()],
  ['behind the question', (socket) => void socket.once('data', () => socket.destroy())],
])('a process that ends the connection %s lives: its door is full', async (_, end) => {
  let taken = 0;
  const port = await listening((socket) => {
    taken++;
    end(socket);
  });
  const stop = new AbortController();
  let dead = false;
  const watching = watchLiveness(port, { host, everyMs: 20, unanswered: 3 }, stop.signal, () => (dead = true));
  await until(() => taken >= 10 || dead, { what: 'ten questions' });
  stop.abort();
  await watching;
  expect(dead).toBe(false);
});

it('a process that takes connections and says nothing, or takes none, is dead', async () => {
  const sockets: net.Socket[] = [];
  const silent = await listening((socket) => void sockets.push(socket));
  const closed = await listening(() => undefined);
  await new Promise((resolve) => servers.at(-1)!.close(resolve));
  for (const port of [silent, closed]) {
    let dead = 0;
    await watchLiveness(port, { host, everyMs: 30, unanswered: 3 }, new AbortController().signal, () => dead++);
    expect(dead).toBe(1);
  }
  for (const socket of sockets) socket.destroy();
});
