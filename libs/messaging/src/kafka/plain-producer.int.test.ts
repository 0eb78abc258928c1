import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, FaultProxy, testKafka, type FaultRule } from '@millrace/testing';
import { KafkaCluster } from './cluster.ts';
import { PlainProducer } from './plain-producer.ts';
import { freshTopic, messages, readAll, testCluster, textsOf } from './testing/broker.ts';

let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await testCluster();
}, 240_000);
afterAll(() => cluster.close());

/** Runs with a producer behind a proxy; answers with how many Produce requests went through. */
async function behindProxy(rules: FaultRule[], use: (producer: PlainProducer) => Promise<void>): Promise<number> {
  const proxy = await FaultProxy.start({ ...(await testKafka()), rules });
  const producer = await PlainProducer.open(await testCluster({ socketFactory: proxy.socketFactory }));
  try {
    await use(producer);
    return proxy.seen.filter(({ apiKey }) => apiKey === ApiKey.produce).length;
  } finally {
    await producer.close();
    await proxy.stop();
  }
}

describe('PlainProducer', () => {
  // kafkajs loses one and doubles the other of two overlapping sends when the first answer is lost.
  it('keeps two concurrent sends whole and in order when the first answer is lost', async () => {
    const topic = await freshTopic(cluster, 'lost-answer');
    await behindProxy([{ apiKey: ApiKey.produce, nth: 1, fault: 'drop-reply' }], async (producer) => {
      const first = producer.send(topic, 0, messages('A'));
      // Not the same turn of the event loop: the second would share the request of the first.
      await new Promise((resolve) => setImmediate(resolve));
      expect(await Promise.all([first, producer.send(topic, 0, messages('B'))])).toEqual([0, 1]);
    });
    expect(textsOf(await readAll(cluster, topic))).toEqual(['A', 'B']);
  });

  it('sends what waits together, and tells every caller its own offset', async () => {
    const topic = await freshTopic(cluster, 'grouped', 2);
    const requests = await behindProxy([], async (producer) => {
      const offsets = await Promise.all(Array.from({ length: 200 }, (_, i) => producer.send(topic, i % 2, messages(`${i}a`, `${i}b`))));
      expect(offsets.filter((_, i) => i % 2 === 0)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i));
    });
    expect(requests).toBeLessThan(10);
    expect(textsOf(await readAll(cluster, topic, 1))).toEqual(Array.from({ length: 100 }, (_, i) => [`${2 * i + 1}a`, `${2 * i + 1}b`]).flat());
  });

  it('tells senders of a failure and goes on with a new producer', async () => {
    const topic = await freshTopic(cluster, 'goes-on');
    const producer = await PlainProducer.open(cluster, { tries: 2 });
    await expect(producer.send('no-such-topic', 0, messages('x'))).rejects.toMatchObject({ code: 'SEND_FAILED', retriable: true });
    expect(await Promise.all([producer.send(topic, 0, messages('a')), producer.send(topic, 0, messages('b'))])).toEqual([0, 1]);
    await producer.close();
    await expect(producer.send(topic, 0, messages('late'))).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' });
    expect(textsOf(await readAll(cluster, topic))).toEqual(['a', 'b']);
  });

  it('sends what waits before it closes', async () => {
    const topic = await freshTopic(cluster, 'closing');
    const producer = await PlainProducer.open(cluster);
    const sent = Array.from({ length: 50 }, (_, i) => producer.send(topic, 0, messages(String(i))));
    await producer.close();
    expect(await Promise.all(sent)).toHaveLength(50);
    expect(await readAll(cluster, topic)).toHaveLength(50);
  });

  // kafkajs calls the last of its errors final, after some 16 s.
  it.each([['its time is over', 100], ['kafkajs gives up', 60_000]])('may be opened later when there is no broker: %s', async (_, giveUpAfterMs) => {
    const nowhere = new KafkaCluster({ brokers: ['127.0.0.1:1'], clientId: 'plain-producer-test' });
    await expect(PlainProducer.open(nowhere, { giveUpAfterMs })).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE', retriable: true });
  }, 90_000);
});
