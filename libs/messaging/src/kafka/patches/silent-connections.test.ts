import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { installPatches } from './install-patches.ts';
import { requireKafkajs } from './kafkajs-modules.ts';

interface Connection {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send(call: object): Promise<Buffer>;
}

installPatches();
const ConnectionClass = requireKafkajs('kafkajs/src/network/connection.js') as new (options: object) => Connection;
const socketFactory = (requireKafkajs('kafkajs/src/network/socketFactory.js') as () => unknown)();
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const question = {
  request: { apiKey: 3, apiVersion: 0, apiName: 'Metadata', encode: async () => ({ buffer: Buffer.alloc(0) }) },
  response: { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => payload },
};

/** A server whose answer to each request is what `answer` makes of its correlation id, the first time and later. */
async function against(answer: (id: Buffer, connection: number, socket: net.Socket) => void, use: (connection: Connection) => Promise<void>): Promise<void> {
  let connections = 0;
  const server = net.createServer((socket) => {
    const number = connections++;
    socket.on('error', () => undefined);
    socket.on('data', (frame) => answer(frame.subarray(8, 12), number, socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = new ConnectionClass({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, logger: { namespace: () => quiet }, socketFactory, connectionTimeout: 1000, requestTimeout: 500 });
  try {
    await use(connection);
  } finally {
    await connection.disconnect();
    server.close();
  }
}

const whole = (id: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 6]), id, Buffer.from('ok')]);

describe('a connection', () => {
  it.each([1, 3, 5, 9])('that was cut after %i bytes of an answer begins the next one in the right place', async (bytes) => {
    await against(
      (id, connection, socket) => (connection === 0 ? socket.end(whole(id).subarray(0, bytes)) : socket.write(whole(id))),
      async (connection) => {
        await connection.connect();
        await expect(connection.send(question)).rejects.toMatchObject({ name: 'KafkaJSConnectionClosedError' });
        await connection.connect();
        expect(String(await connection.send(question))).toBe('ok');
      },
    );
  });

  it('on which a request is not answered is given up with all that waits on it, and can be opened again', async () => {
    await against(
      (id, connection, socket) => void (connection > 0 && socket.write(whole(id))),
      async (connection) => {
        await connection.connect();
        const both = [connection.send(question), connection.send(question)];
        for (const asked of both) await expect(asked).rejects.toMatchObject({ name: 'KafkaJSConnectionError', code: 'ETIMEDOUT' });
        await expect(connection.send(question)).rejects.toThrow(/not connected/i);
        await connection.connect();
        expect(String(await connection.send(question))).toBe('ok');
      },
    );
  });
});
