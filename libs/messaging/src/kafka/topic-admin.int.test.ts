import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KafkaCluster } from './cluster.ts';
import { freshName, freshTopic, messages, testCluster } from './testing/broker.ts';
import { PlainProducer } from './plain-producer.ts';
import { TopicAdmin } from './topic-admin.ts';

let cluster: KafkaCluster;
let admin: TopicAdmin;

beforeAll(async () => {
  cluster = await testCluster();
  admin = new TopicAdmin(cluster);
}, 240_000);
afterAll(async () => {
  await admin.close();
  await cluster.close();
});

describe('TopicAdmin', () => {
  it('creates what is missing, from several processes at once, and refuses another partition count', async () => {
    const [one, two] = [freshName('one'), freshName('two')];
    const specs = [{ name: one, partitions: 3, configs: { 'cleanup.policy': 'compact' } }, { name: two, partitions: 1 }];
    await Promise.all([admin.ensureTopics(specs), new TopicAdmin(cluster).ensureTopics(specs)]);
    await admin.ensureTopics(specs);
    expect(await admin.topics()).toEqual(expect.arrayContaining([one, two]));
    await expect(admin.ensureTopics([{ name: one, partitions: 4 }])).rejects.toMatchObject({ code: 'PARTITION_COUNT_DIFFERS' });
    await admin.deleteTopics([one, freshName('never')]);
    expect(await admin.topics()).not.toContain(one);
  });

  it('tells first, stable and last offsets', async () => {
    const topic = await freshTopic(cluster, 'ranges', 2);
    const producer = await PlainProducer.open(cluster);
    await producer.send(topic, 1, messages('a', 'b', 'c'));
    await admin.deleteRecords([{ topic, partition: 1, offset: 1 }]);
    const { producer: transactional } = cluster.transactionalProducer(freshName('open'), 10_000);
    await transactional.connect();
    const transaction = await transactional.transaction();
    await transaction.send({ topic, acks: -1, messages: [{ key: 'k', value: 'open', partition: 1 }] });
    expect(await admin.offsets(topic, 1)).toEqual({ low: 1, stable: 3, high: 4 });
    expect(await admin.offsets(topic, 0)).toEqual({ low: 0, stable: 0, high: 0 });
    await expect(admin.offsets(topic, 2)).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
    await transaction.abort();
    await Promise.all([producer.close(), transactional.disconnect()]);
  });

  it('accepts brokers that keep committed offsets for ever, and no others', async () => {
    expect([...(await admin.brokerConfig('offsets.retention.minutes')).values()]).toEqual(['2147483647']);
    await expect(admin.requireLastingOffsets()).resolves.toBeUndefined();
    class WeekLong extends TopicAdmin {
      override brokerConfig = async () => new Map([[1, '10080']]);
    }
    await expect(new WeekLong(cluster).requireLastingOffsets()).rejects.toMatchObject({ code: 'OFFSETS_EXPIRE' });
  });
});

describe('KafkaCluster', () => {
  it('refuses addresses that are none', () => {
    expect(() => new KafkaCluster({ brokers: [], clientId: 'x' })).toThrow(expect.objectContaining({ code: 'BROKERS_INVALID' }));
    expect(() => new KafkaCluster({ brokers: ['localhost'], clientId: 'x' })).toThrow(/localhost/);
  });
});
