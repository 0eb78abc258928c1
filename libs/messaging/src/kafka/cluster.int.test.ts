import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { ApiKey, FaultProxy, testKafka, until } from '@millrace/testing';
import { abandon } from './abandon.ts';
import { KafkaCluster } from './cluster.ts';
import { testCluster } from './testing/broker.ts';

describe('the addresses of a cluster', () => {
  it('are all tried before one is tried again', async () => {
    const brokers: string[] = [];
    for (let count = 0; count < 4; count++) {
      const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      brokers.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
      server.close();
    }
    const tried: string[] = [];
    const cluster = new KafkaCluster({
      brokers, clientId: 'test',
      socketFactory: ({ host, port, onConnect }) => {
        tried.push(`${host}:${port}`);
        return net.connect({ host, port }, onConnect);
      },
    });
    const connection = cluster.connection();
    const connecting = connection.connect().catch(() => undefined);
    await until(() => tried.length >= 4, { what: 'four tries' });
    abandon(connection, new Error('enough'));
    await connecting;
    expect(new Set(tried.slice(0, 4)).size).toBe(4);
  }, 30_000);
});

describe('withAdmin', () => {
  it('does not cut one call when another fails', async () => {
    const proxy = await FaultProxy.start({ brokers: (await testKafka()).brokers });
    const cluster = await testCluster({ socketFactory: proxy.socketFactory });
    try {
      await cluster.withAdmin((admin) => admin.listTopics());
      let goOn = (): void => undefined;
      proxy.once(ApiKey.metadata, { holdUntil: new Promise<void>((resolve) => (goOn = resolve)) });
      const held = cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [] }));
      const before = proxy.countOf(ApiKey.metadata);
      await until(() => proxy.countOf(ApiKey.metadata) > before, { what: 'the held request' });
      await expect(cluster.withAdmin(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
      // The next client does its work meanwhile.
      expect(await cluster.withAdmin((admin) => admin.listTopics())).toBeInstanceOf(Array);
      goOn();
      expect((await held).topics).toBeInstanceOf(Array);
    } finally {
      await cluster.close();
      await proxy.stop();
    }
  }, 30_000);

  it('connects anew after a connection that failed with an answer of the broker', async () => {
    const cluster = await testCluster();
    const { kafka } = cluster;
    const make = kafka.admin.bind(kafka);
    let refusals = 1;
    kafka.admin = (config) => {
      const admin = make(config);
      const connect = admin.connect.bind(admin);
      // As SASL refuses; the test broker has none.
      return { ...admin, connect: () => (refusals-- > 0 ? Promise.reject(Object.assign(new Error('refused'), { type: 'SASL_AUTHENTICATION_FAILED' })) : connect()) };
    };
    const list = () => cluster.withAdmin((admin) => admin.listTopics());
    await expect(list()).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
    expect(await list()).toBeInstanceOf(Array);
    await cluster.close();
  }, 30_000);
});
