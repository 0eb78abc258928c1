import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { ApiKey, FaultProxy, testKafka, until } from '@millrace/testing';
import { abandon } from './abandon.ts';
import type { KafkaCluster } from './cluster.ts';
import { PartitionReader } from './partition-reader.ts';
import { PlainProducer } from './plain-producer.ts';
import { freshName, freshTopic, messages, pollUntil, readAll, recordsOf, testCluster, textsOf } from './testing/broker.ts';
import { TransactionalWriter } from './transactional-writer.ts';

let cluster: KafkaCluster;
let brokers: string;
beforeAll(async () => {
  cluster = await testCluster();
  ({ brokers } = await testKafka());
}, 240_000);
afterAll(() => cluster.close());

/** A half-open network: connections are accepted, nothing comes through. */
async function halfOpen<T>(use: (faulty: KafkaCluster, proxy: FaultProxy) => Promise<T>): Promise<T> {
  const proxy = await FaultProxy.start({ brokers });
  const faulty = await testCluster({ socketFactory: proxy.socketFactory, requestTimeoutMs: 1000 });
  try {
    return await use(faulty, proxy);
  } finally {
    await faulty.close();
    await proxy.stop();
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function lasting(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await expect(work).rejects.toMatchObject({ retriable: true });
  return performance.now() - started;
}

// kafkajs repeats a request on the connection that has just been silent, 40 times with these settings.
describe('a broker that is silent', () => {
  it('is given up in bounded time by an opening, a transaction and a send, which all go on when it answers again', async () => {
    await halfOpen(async (faulty, proxy) => {
      const topic = await freshTopic(cluster, 'silent');
      const id = { transactionalId: freshName('writer'), group: 'none', transactionTimeoutMs: 3000, openWithinMs: 3000 };
      const writer = await TransactionalWriter.open(faulty, id);
      const producer = await PlainProducer.open(faulty, { giveUpAfterMs: 3000 });
      await producer.send(topic, 0, messages('before'));
      proxy.conditions = { silent: 'both' };
      const transaction = { sends: [{ topic, partition: 0, messages: messages('in transaction') }], offsets: [] };
      const took = await Promise.all([
        lasting(writer.transact(transaction)),
        lasting(producer.send(topic, 0, messages('plain'))),
        lasting(TransactionalWriter.open(faulty, { ...id, transactionalId: freshName('writer') })),
      ]);
      for (const ms of took) expect(ms).toBeLessThan(4500);
      proxy.conditions = {};
      await producer.send(topic, 0, messages('after'));
      const successor = await TransactionalWriter.open(faulty, id);
      await successor.transact(transaction);
      await Promise.all([successor.close(), producer.close()]);
      // What was sent into the silence may have come through when it ended; what was answered is there.
      expect(textsOf(await readAll(cluster, topic)).filter((text) => text !== 'plain')).toEqual(['before', 'after', 'in transaction']);
    });
  }, 30_000);

  it('and one whose proxy accepts for it and closes is passed over for another', async () => {
    const gone = await FaultProxy.start({ brokers: `127.0.0.1:${await freePort()}` });
    try {
      for (let tries = 0; tries < 6; tries++) {
        const either = await testCluster({ brokers: [`127.0.0.1:${gone.port}`, brokers] });
        const started = performance.now();
        await (await PlainProducer.open(either)).close();
        expect(performance.now() - started).toBeLessThan(3000);
      }
    } finally {
      await gone.stop();
    }
  }, 60_000);

  it('is connected to no more by what was given up, neither while it is silent nor when it answers again', async () => {
    await halfOpen(async (faulty, proxy) => {
      proxy.conditions = { silent: 'both' };
      const connection = faulty.connection();
      const connecting = connection.connect();
      await until(() => proxy.countOf(ApiKey.apiVersions) === 1, { what: 'the greeting' });
      abandon(connection, Object.assign(new Error('given up'), { retriable: true }));
      proxy.conditions = {};
      await expect(connecting).rejects.toThrow('given up');
      expect(proxy.countOf(ApiKey.apiVersions)).toBe(1);
      expect(connection.isConnected()).toBe(false);
    });
  }, 30_000);

  it('lets a reader come back from each poll while it is connecting, and go on when it answers again', async () => {
    await halfOpen(async (faulty, proxy) => {
      const topic = await freshTopic(cluster, 'silent');
      let troubles = 0;
      const open = () => PartitionReader.open(faulty, [{ topic, partition: 0, offset: 0 }], { onTrouble: () => void troubles++ });
      const [reader, closing] = [await open(), await open()];
      await Promise.all([reader.poll(), closing.poll()]);
      proxy.conditions = { silent: 'both' };
      for (const one of [reader, closing]) for (const before = troubles; troubles === before; ) await one.poll();
      for (let polls = 0; polls < 3; polls++) expect(await reader.poll()).toEqual([]);
      const last = expect(closing.poll()).rejects.toMatchObject({ code: 'READER_CLOSED' });
      await closing.close();
      await last;
      expect(troubles).toBe(2);
      proxy.conditions = {};
      const producer = await PlainProducer.open(cluster);
      await producer.send(topic, 0, messages('after'));
      expect(textsOf(recordsOf(await pollUntil(reader, (batches) => recordsOf(batches).length > 0)))).toEqual(['after']);
      await Promise.all([reader.close(), producer.close()]);
    });
  }, 30_000);

  it('is not sent afterwards what a send to it was reported as failed', async () => {
    await halfOpen(async (faulty, proxy) => {
      const topic = await freshTopic(cluster, 'silent', 2);
      const producer = await PlainProducer.open(faulty, { giveUpAfterMs: 6000 });
      proxy.conditions = { silent: 'both' };
      await expect(producer.send(topic, 0, messages('over the first producer'))).rejects.toMatchObject({ code: 'SEND_FAILED' });
      const greetings = proxy.countOf(ApiKey.apiVersions);
      const early = producer.send(topic, 0, messages('early'));
      await until(() => proxy.countOf(ApiKey.apiVersions) >= greetings + 2, { what: 'a second try of the next producer' });
      const late = producer.send(topic, 1, messages('late')).catch(() => undefined);
      await expect(early).rejects.toMatchObject({ code: 'SEND_FAILED' });
      proxy.conditions = {};
      await late;
      await producer.send(topic, 0, messages('again'));
      await producer.close();
      expect(textsOf(await readAll(cluster, topic))).not.toContain('early');
    });
  }, 40_000);

  // kafkajs waits for the answer, and no longer looks at the time when it does.
  it('does not keep whoever closes its connection, also when it closes it in turn', async () => {
    await halfOpen(async (faulty, proxy) => {
      const admin = faulty.kafka.admin();
      await admin.connect();
      proxy.conditions = { silent: 'both' };
      const asked = admin.listTopics().catch((error: Error) => error);
      await new Promise((resolve) => setImmediate(resolve));
      const started = performance.now();
      const closed = admin.disconnect();
      proxy.reset();
      await closed;
      expect(performance.now() - started).toBeLessThan(3000);
      expect(await asked).toBeInstanceOf(Error);
    });
  }, 30_000);

  it('does not make a dropped writer go on with its transaction behind the back of its owner', async () => {
    const topic = await freshTopic(cluster, 'dropped');
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const writer = await TransactionalWriter.open(cluster, { transactionalId: freshName('writer'), group: 'none', transactionTimeoutMs: 1000, pause: (step) => (step === 'commit' ? held : undefined) });
    await expect(writer.transact({ sends: [{ topic, partition: 0, messages: messages('late') }], offsets: [] })).rejects.toMatchObject({ outcome: 'aborted' });
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
    const successor = await TransactionalWriter.open(cluster, { transactionalId: freshName('writer'), group: 'none' });
    await successor.close();
    expect(await readAll(cluster, topic)).toEqual([]);
  }, 30_000);
});
