import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MillraceError } from '@millrace/contracts';
import { testWorkspace, until } from '@millrace/testing';
import { topicsFor } from '../topics.ts';
import { Workspace } from '../workspace.ts';
import { KafkaCluster } from './cluster.ts';
import { freshName, freshTopic, messages, testCluster } from './testing/broker.ts';
import { PlainProducer } from './plain-producer.ts';
import { TopicAdmin } from './topic-admin.ts';

const TOPIC = 2;
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

/** As somebody else makes it, or a broker that creates what it is asked for. */
async function madeBefore(topic: string, configs: Record<string, string>): Promise<void> {
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await cluster.withAdmin((client) => client.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }] }));
}

describe('a topic of the platform that somebody else has made', () => {
  const workspaceWith = () => {
    const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 1 });
    return { workspace, events: workspace.topic('events.<stream>', { stream: 'orders' }), wanted: topicsFor(workspace, { streams: ['orders'], models: ['m'] }) };
  };

  it('is refused by all settings that lose or change records, and accepted once they are set as the hint says', async () => {
    const { workspace, events, wanted } = workspaceWith();
    await madeBefore(events, { 'message.timestamp.type': 'CreateTime', 'retention.ms': '1000' });
    await madeBefore(workspace.topic('rollouts'), { 'retention.bytes': '1000000' });
    const refused = (await admin.ensureTopics(wanted).catch((error: unknown) => error)) as MillraceError;
    expect(refused).toMatchObject({ code: 'TOPIC_DIFFERS', retriable: false });
    expect(refused.message).toContain(`${events}: message.timestamp.type is CreateTime instead of LogAppendTime, retention.ms is 1000 instead of 604800000`);
    // What nobody has set counts as the broker has it: seven days.
    expect(refused.message).toContain(`${workspace.topic('rollouts')}: retention.ms is 604800000 instead of -1, retention.bytes is 1000000 instead of -1`);

    const commands = [...refused.hint!.matchAll(/--entity-name (\S+) --add-config ([^\s;]+)/g)];
    expect(commands.map(([, topic]) => topic)).toEqual([events, workspace.topic('rollouts')]);
    for (const [, name, settings] of commands) {
      const configEntries = settings!.split(',').map((setting) => ({ name: setting.split('=')[0]!, value: setting.split('=')[1]! }));
      await cluster.withAdmin((client) => client.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name: name!, configEntries }] }));
    }
    // The controller has answered; the broker that is asked hears of it a moment later.
    await until(() => admin.ensureTopics(wanted).then(() => true), { what: 'settings that are accepted' });
  });

  it('is accepted when it keeps more than is needed, and when it was made without a limit of its own', async () => {
    const { workspace, events, wanted } = workspaceWith();
    await madeBefore(events, { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete', 'retention.ms': '700000000', 'compression.type': 'zstd' });
    await madeBefore(workspace.topic('events-rejected'), { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' });
    await admin.ensureTopics(wanted);
    await admin.ensureTopics(wanted);
  });

  it('is only named where its settings may not be read', async () => {
    const { events, wanted } = workspaceWith();
    await madeBefore(events, { 'retention.ms': '1000' });
    class Unauthorised extends TopicAdmin {
      override settingsOf = () => Promise.reject(Object.assign(new Error('not for you'), { type: 'TOPIC_AUTHORIZATION_FAILED' }));
    }
    const warnings: string[] = [];
    await new Unauthorised(cluster).ensureTopics(wanted, (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringContaining('TOPIC_AUTHORIZATION_FAILED')]);
  });
});

describe('KafkaCluster', () => {
  it('refuses addresses that are none', () => {
    expect(() => new KafkaCluster({ brokers: [], clientId: 'x' })).toThrow(expect.objectContaining({ code: 'BROKERS_INVALID' }));
    expect(() => new KafkaCluster({ brokers: ['localhost'], clientId: 'x' })).toThrow(/localhost/);
  });
});
