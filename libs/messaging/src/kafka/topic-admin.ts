import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { abandon } from './abandon.ts';
import type { KafkaCluster } from './cluster.ts';
import { brokerErrorType, kafkaError } from './kafka-error.ts';
import type { InternalCluster } from './kafkajs-internals.ts';
import { acknowledgedByOne, refuseDifferences, settingsToRead, type TopicSettings } from './topic-differences.ts';
import type { CommittedOffset, TopicPartition } from './transactional-writer.ts';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic configuration, for example `{ 'cleanup.policy': 'compact' }`. Set when the topic is created; one that exists may keep more, not less. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Default: what the broker is configured to. */
  readonly replicationFactor?: number;
}

export interface PartitionRange {
  /** First offset that the broker holds. */
  readonly low: number;
  /** Offset behind the last record, open transactions included. */
  readonly high: number;
  /** Offset up to which `read_committed` can read; below `high` while a transaction is open. */
  readonly stable: number;
}

/** Answers that another try may not get; whoever says anything else does not tell. */
const passing = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE', 'NOT_CONTROLLER']);
const notSupported = 'KafkaJSServerDoesNotSupportApiKey';
const TOPIC = 2;
const BROKER = 4;
const KNOWN_WITHIN_MS = 15_000;
/** A topic that was made just now, or whose leader moves. */
const LEADERLESS = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);
/** Largest value of the broker setting, about 4,000 years. */
const NEVER_MINUTES = 2_147_483_647;

/** Creates and inspects topics, and reads positions of groups. */
export class TopicAdmin {
  private readonly cluster: KafkaCluster;
  private connection: Promise<InternalCluster> | undefined;

  constructor(cluster: KafkaCluster) {
    this.cluster = cluster;
  }

  /**
   * Creates the topics that are missing, and refuses those that somebody else has made in a way that loses records. Calling it again,
   * also from several processes, changes nothing.
   *
   * @param warn receives what is not as it should be, but no reason to refuse
   * @throws MillraceError `PARTITION_COUNT_DIFFERS`, `TOPIC_DIFFERS` or `TOPICS_NOT_CREATED`
   */
  async ensureTopics(specs: readonly TopicSpec[], warn: (text: string) => void = () => undefined): Promise<void> {
    try {
      const existing = new Set(await this.cluster.withAdmin((admin) => admin.listTopics()));
      const missing = specs.filter(({ name }) => !existing.has(name));
      if (missing.length > 0) {
        const topics = missing.map(({ name, partitions, configs = {}, replicationFactor = -1 }) => ({
          topic: name, numPartitions: partitions, replicationFactor, configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        }));
        await this.cluster.withAdmin((admin) => admin.createTopics({ topics, waitForLeaders: false }));
      }
      if (specs.length === 0) return;
      const names = specs.map(({ name }) => name);
      const topics = await this.metadataOf(names);
      for (const { name, partitions } of specs) {
        const found = topics.find((topic) => topic.name === name)?.partitions.length;
        if (found === partitions) continue;
        throw new MillraceError('PARTITION_COUNT_DIFFERS', `${name} has ${found ?? 0} partitions, but ${partitions} are expected`, { hint: 'The counts of lanes and slots are fixed when a workspace is created; use another workspace or the counts it was created with.' });
      }
      const settings = await this.settingsIfAllowed(names, warn);
      refuseDifferences(specs, settings, this.cluster.brokers);
      const weak = topics.filter(({ name, partitions }) => acknowledgedByOne(partitions[0]?.replicas.length ?? 0, settings.get(name)));
      if (weak.length > 0) warn(`one replica acknowledges alone, and what it has may be lost with it; set min.insync.replicas=2 for ${weak.map(({ name }) => name).join(', ')}`);
    } catch (error) {
      throw kafkaError('TOPICS_NOT_CREATED', `creating topics ${specs.map(({ name }) => name).join(', ')}`, error);
    }
  }

  /** A broker may answer a creation before it knows the topic and its leaders. */
  private async metadataOf(names: string[]): Promise<{ name: string; partitions: { leader: number; replicas: number[] }[] }[]> {
    const deadline = performance.now() + KNOWN_WITHIN_MS;
    for (;; await delay(20)) {
      const { topics } = await onceKnown(deadline, () => this.cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: names })));
      if (topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)) || performance.now() > deadline) return topics;
    }
  }

  /** A broker that does not say is only named. */
  private async settingsIfAllowed(names: string[], warn: (text: string) => void): Promise<Map<string, TopicSettings>> {
    try {
      return await this.settingsOf(names);
    } catch (error) {
      const type = (error as Error).name === notSupported ? notSupported : brokerErrorType(error);
      if (type === undefined || passing.has(type)) throw error;
      warn(`whether topics are set up as they must be is not known: their configuration cannot be described (${type})`);
      return new Map();
    }
  }

  /** Those settings of topics that records depend on, in one request. */
  async settingsOf(names: readonly string[]): Promise<Map<string, TopicSettings>> {
    const asked = names.map((name) => ({ type: TOPIC, name, configNames: [...settingsToRead] }));
    const { resources } = await onceKnown(performance.now() + KNOWN_WITHIN_MS, () => this.cluster.withAdmin((admin) => admin.describeConfigs({ includeSynonyms: false, resources: asked })));
    return new Map(resources.map(({ resourceName, configEntries }) => [resourceName, Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue ?? undefined]))]));
  }

  /** @throws MillraceError `PARTITION_MISSING` or `OFFSETS_NOT_READ` */
  async offsets(topic: string, partition: number): Promise<PartitionRange> {
    const found = (await this.topicOffsets(topic)).get(partition);
    if (!found) throw new MillraceError('PARTITION_MISSING', `${topic}/${partition} does not exist`, { hint: 'Create the topic with as many partitions as its readers expect.' });
    return found;
  }

  /** Ranges of all partitions of a topic, by partition, from 0 on. */
  async topicOffsets(topic: string): Promise<Map<number, PartitionRange>> {
    for (const deadline = performance.now() + KNOWN_WITHIN_MS; ; await delay(20)) {
      try {
        return await this.rangesOf(topic);
      } catch (error) {
        await this.close();
        if (!LEADERLESS.has(brokerErrorType(error) ?? '') || performance.now() > deadline) throw kafkaError('OFFSETS_NOT_READ', `reading the offsets of ${topic}`, error);
      }
    }
  }

  private async rangesOf(topic: string): Promise<Map<number, PartitionRange>> {
    const connection = await this.connect();
    await connection.addMultipleTargetTopics([topic]);
    const partitions = connection.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })).sort((a, b) => a.partition - b.partition);
    const ask = async (fromBeginning: boolean, isolationLevel: number): Promise<Map<number, number>> => {
      connection.isolationLevel = isolationLevel;
      const [answer] = await connection.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
      return new Map((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
    };
    const low = await ask(true, 0);
    const stable = await ask(false, 1);
    const high = await ask(false, 0);
    return new Map(partitions.map(({ partition }) => [partition, { low: low.get(partition) ?? 0, high: high.get(partition) ?? 0, stable: stable.get(partition) ?? 0 }]));
  }

  /** Positions that a group has committed, by `topic/partition`; -1 where none. They may lag behind a commit of this moment. */
  async committedOffsets(group: string, topics: readonly string[]): Promise<Map<string, CommittedOffset>> {
    try {
      const answer = await this.cluster.fetchOffsets(group, [...topics]);
      return new Map(answer.flatMap(({ topic, partitions }) => partitions.map(({ partition, offset, metadata }) => [`${topic}/${partition}`, { offset: Number(offset), metadata: metadata ?? undefined }] as const)));
    } catch (error) {
      throw kafkaError('OFFSETS_NOT_READ', `reading the committed offsets of ${group}`, error);
    }
  }

  /** Topics that exist, without the broker's own. */
  async topics(): Promise<string[]> {
    try {
      return (await this.cluster.withAdmin((admin) => admin.listTopics())).filter((name) => !name.startsWith('__')).sort();
    } catch (error) {
      throw kafkaError('TOPICS_NOT_READ', 'listing topics', error);
    }
  }

  /** Deletes topics; those that do not exist are passed over. */
  async deleteTopics(names: readonly string[]): Promise<void> {
    const existing = new Set(await this.topics());
    const topics = names.filter((name) => existing.has(name));
    if (topics.length === 0) return;
    try {
      await this.cluster.withAdmin((admin) => admin.deleteTopics({ topics }));
    } catch (error) {
      throw kafkaError('TOPICS_NOT_DELETED', `deleting ${topics.join(', ')}`, error);
    }
  }

  /** Deletes all records before the given offsets. */
  async deleteRecords(before: readonly (TopicPartition & { offset: number })[]): Promise<void> {
    try {
      for (const { topic, partition, offset } of before) await this.cluster.withAdmin((admin) => admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] }));
    } catch (error) {
      throw kafkaError('RECORDS_NOT_DELETED', 'deleting records', error);
    }
  }

  /** A setting of every broker, by broker id. */
  async brokerConfig(name: string): Promise<Map<number, string>> {
    try {
      const { brokers } = await this.cluster.withAdmin((admin) => admin.describeCluster());
      const found = new Map<number, string>();
      for (const { nodeId } of brokers) {
        const { resources } = await this.cluster.withAdmin((admin) => admin.describeConfigs({ includeSynonyms: false, resources: [{ type: BROKER, name: String(nodeId), configNames: [name] }] }));
        const value = resources[0]?.configEntries.find((entry) => entry.configName === name)?.configValue;
        if (value !== undefined) found.set(nodeId, value);
      }
      return found;
    } catch (error) {
      throw kafkaError('BROKER_CONFIG_NOT_READ', `reading the broker setting ${name}`, error);
    }
  }

  /**
   * Refuses brokers that forget committed offsets: a lane without members would begin again at the start of its inputs.
   *
   * @throws MillraceError `OFFSETS_EXPIRE`
   */
  async requireLastingOffsets(): Promise<void> {
    for (const [broker, value] of await this.brokerConfig('offsets.retention.minutes')) {
      if (Number(value) >= NEVER_MINUTES) continue;
      throw new MillraceError('OFFSETS_EXPIRE', `broker ${broker} forgets committed offsets after ${value} minutes`, { hint: `Set offsets.retention.minutes=${NEVER_MINUTES} on every broker.` });
    }
  }

  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.then((open) => abandon(open, new Error('the admin was closed'))).catch(() => undefined);
  }

  private connect(): Promise<InternalCluster> {
    this.connection ??= (async () => {
      const connection = this.cluster.connection();
      await connection.connect();
      return connection;
    })();
    return this.connection;
  }
}

/** One broker may not know yet what another one has answered for. */
async function onceKnown<Result>(deadline: number, ask: () => Promise<Result>): Promise<Result> {
  for (;; await delay(20)) {
    try {
      return await ask();
    } catch (error) {
      if (brokerErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION' || performance.now() > deadline) throw error;
    }
  }
}
