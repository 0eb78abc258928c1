import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, readTopic, TestCluster, until } from '@millrace/testing';
import { KafkaCluster } from './cluster.ts';
import { LaneMembership } from './lane-membership.ts';
import { PartitionReader } from './partition-reader.ts';
import { PlainProducer } from './plain-producer.ts';
import { freshName, messages, textsOf } from './testing/broker.ts';
import { TopicAdmin } from './topic-admin.ts';
import { TransactionalWriter } from './transactional-writer.ts';

let kafka: TestCluster;
let cluster: KafkaCluster;
let admin: TopicAdmin;
beforeAll(async () => {
  kafka = await TestCluster.start();
  cluster = new KafkaCluster({ brokers: kafka.brokers.split(','), clientId: 'test' });
  admin = new TopicAdmin(cluster);
}, 240_000);
afterAll(async () => {
  await admin?.close();
  await cluster?.close();
  await kafka?.stop();
}, 60_000);

/** A topic of two partitions, led by nodes 0 and 1. */
async function led(stem: string): Promise<string> {
  const name = freshName(stem);
  await admin.ensureTopics([{ name, partitions: 2 }]);
  await until(async () => (await kafka.cluster.inSyncOf(name, 0)).length === 3 && (await kafka.cluster.inSyncOf(name, 1)).length === 3, { what: 'three replicas in sync' });
  await kafka.cluster.moveLeader(name, 0, 0);
  await kafka.cluster.moveLeader(name, 1, 1);
  return name;
}

const ten = (stem: string) => messages(...Array.from({ length: 10 }, (_, index) => `${stem}${index}`));
const counts = async (topic: string): Promise<number[]> => {
  // A leader that has just moved says for a moment that it does not know its end.
  const records = await until(() => readTopic({ brokers: kafka.brokers, topic }), { what: 'the records of both partitions' });
  return [0, 1].map((at) => records.filter(({ partition }) => partition === at).length);
};

describe('a leader that moves to a broker which has answered for another partition of the same send', () => {
  it('makes kafkajs lose records and say nothing, which is why no send has two partitions', async () => {
    const topic = await led('stock');
    const producer = cluster.kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 1500, retries: 10 } });
    await producer.connect();
    kafka.proxy(0).once(ApiKey.produce, 'drop-request');
    const sending = producer.send({ topic, acks: -1, messages: [0, 1].flatMap((partition) => ten(`${partition}-`).map((message) => ({ ...message, partition }))) });
    await until(async () => (await counts(topic))[1] === 10, { what: 'the partition that is answered' });
    await kafka.cluster.moveLeader(topic, 0, 1);
    expect((await sending).map(({ partition }) => partition)).toEqual([1]);
    expect(await counts(topic)).toEqual([0, 10]);
    await producer.disconnect();
  }, 30_000);

  it('loses nothing of a plain producer', async () => {
    const topic = await led('plain');
    const producer = await PlainProducer.open(cluster);
    await producer.send(topic, 0, messages('first'));
    kafka.proxy(0).once(ApiKey.produce, 'drop-request');
    const sending = Promise.all([producer.send(topic, 0, ten('0-')), producer.send(topic, 1, ten('1-'))]);
    await kafka.cluster.moveLeader(topic, 0, 1);
    await sending;
    expect(await counts(topic)).toEqual([11, 10]);
    await producer.close();
  }, 30_000);

  it('loses nothing of a transaction', async () => {
    const topic = await led('transaction');
    const sends = [0, 1].map((partition) => ({ topic, partition, messages: ten(`${partition}-`) })).reverse();
    const id = { transactionalId: freshName('writer'), group: 'none' };
    let sent = 0;
    const moves = async (step: string): Promise<void> => {
      // The first partition is written to node 1; then the second moves there.
      if (step === 'send' && ++sent === 2) await kafka.cluster.moveLeader(topic, 0, 1);
    };
    for (let writer = await TransactionalWriter.open(cluster, { ...id, pause: moves }); ; writer = await TransactionalWriter.open(cluster, id)) {
      const done = await writer.transact({ sends, offsets: [] }).then(() => true, () => false);
      await writer.close();
      if (done) break;
    }
    expect(await counts(topic)).toEqual([10, 10]);
  }, 30_000);
});

describe('a reader of partitions that several brokers lead', () => {
  it('waits for the answer that another leader still holds instead of asking for ever', async () => {
    const topic = await led('spread');
    const producer = await PlainProducer.open(cluster);
    const reader = await PartitionReader.open(cluster, [0, 1].map((partition) => ({ topic, partition, offset: 0 })));
    const first = reader.poll({ maxWaitMs: 2000 });
    await producer.send(topic, 0, messages('here'));
    expect(textsOf((await first).flatMap(({ records }) => records))).toEqual(['here']);
    expect(reader.spread).toBe(2);
    // Nothing is left to ask for but what the long poll of the other leader may bring: without a wait, its answer could never come in.
    reader.pause(topic, 0);
    expect((await reader.poll({ maxWaitMs: 0 })).map(({ partition }) => partition)).toEqual([1]);
    await Promise.all([reader.close(), producer.close()]);
  }, 30_000);
});

describe('a leader that is paused', () => {
  it('is given up by a producer, a reader and a writer, which find the next one', async () => {
    const topic = await led('paused');
    const producer = await PlainProducer.open(cluster);
    await producer.send(topic, 0, messages('before'));
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0 }]);
    await reader.poll();
    const paused = performance.now();
    kafka.cluster.node(0).pause();
    await until(() => producer.send(topic, 0, messages('after')), { what: 'an acknowledgement', timeoutMs: 40_000 });
    expect(performance.now() - paused).toBeLessThan(20_000);
    const texts: string[] = [];
    while (!texts.includes('after')) texts.push(...textsOf((await reader.poll()).flatMap(({ records }) => records)));
    const writer = await until(() => TransactionalWriter.open(cluster, { transactionalId: freshName('writer'), group: 'none' }), { what: 'a writer', timeoutMs: 40_000 });
    await writer.transact({ sends: [{ topic, partition: 0, messages: messages('in transaction') }], offsets: [] });
    expect(performance.now() - paused).toBeLessThan(40_000);
    kafka.cluster.node(0).resume();
    expect((await readTopic({ brokers: kafka.brokers, topic })).map(({ value }) => String(value)).at(-1)).toBe('in transaction');
    await Promise.all([reader.close(), producer.close(), writer.close()]);
  }, 90_000);
});

describe('a topic of three replicas', () => {
  it('is named when one of them acknowledges alone', async () => {
    const [weak, sound] = [freshName('weak'), freshName('sound')];
    const warnings: string[] = [];
    await admin.ensureTopics([{ name: weak, partitions: 1, configs: { 'min.insync.replicas': '1' } }, { name: sound, partitions: 1 }], (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`min.insync.replicas=2 for ${weak}$`))]);
  });
});

describe('a membership whose coordinator is lost', () => {
  it('goes on with the next one', async () => {
    const topic = await led('lanes');
    const group = freshName('group');
    const lanes: number[][] = [];
    const membership = await LaneMembership.join(cluster, {
      group, topics: [topic], lanes: 2, instance: 'only', onAssigned: (come) => void lanes.push(come), onRevoked: () => undefined, onCrash: (error) => { throw error; },
    });
    await until(() => lanes.length === 1, { what: 'the assignment' });
    const connection = cluster.connection();
    await connection.connect();
    await connection.addMultipleTargetTopics([topic]);
    const { coordinator } = (await connection.findGroupCoordinatorMetadata({ groupId: group, coordinatorType: 0 })) as { coordinator: { nodeId: number } };
    await connection.disconnect();
    const node = kafka.cluster.node(coordinator.nodeId - 1);
    await node.kill();
    const lost = performance.now();
    await until(() => membership.confirmedAt > lost, { what: 'a member that is confirmed', timeoutMs: 12_000 });
    expect(membership.lanes).toEqual([0, 1]);
    await membership.leave();
    await node.start();
  }, 60_000);
});
