import { randomBytes } from 'node:crypto';
import { testKafka } from '@millrace/testing';
import { KafkaCluster, type KafkaClusterOptions } from '../cluster.ts';
import { PartitionReader, type FetchedBatch, type FetchedRecord } from '../partition-reader.ts';
import { TopicAdmin } from '../topic-admin.ts';

export async function testCluster(options: Partial<KafkaClusterOptions> = {}): Promise<KafkaCluster> {
  const { brokers } = await testKafka();
  return new KafkaCluster({ brokers: [brokers], clientId: 'test', ...options });
}

/** A name that no other test uses. */
export const freshName = (stem: string): string => `${stem}-${randomBytes(5).toString('hex')}`;

export async function freshTopic(cluster: KafkaCluster, stem: string, partitions = 1, configs: Record<string, string> = {}): Promise<string> {
  const name = freshName(stem);
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics([{ name, partitions, configs }]);
  await admin.close();
  return name;
}

/** Polls until the condition holds; the batches are collected in order. */
export async function pollUntil(reader: PartitionReader, done: (batches: FetchedBatch[]) => boolean, timeoutMs = 15_000): Promise<FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  const deadline = performance.now() + timeoutMs;
  while (!done(batches)) {
    if (performance.now() > deadline) throw new Error(`not reached within ${timeoutMs} ms; ${batches.length} batches, ${recordsOf(batches).length} records`);
    batches.push(...(await reader.poll()));
  }
  return batches;
}

/** Everything that `read_committed` sees in one partition up to its end. */
export async function readAll(cluster: KafkaCluster, topic: string, partition = 0, limits: { maxBytesPerPartition?: number } = {}): Promise<FetchedRecord[]> {
  const admin = new TopicAdmin(cluster);
  const { low, high } = await admin.offsets(topic, partition);
  await admin.close();
  const reader = await PartitionReader.open(cluster, [{ topic, partition, offset: low }], limits);
  try {
    return recordsOf(await pollUntil(reader, () => reader.position(topic, partition) >= high));
  } finally {
    await reader.close();
  }
}

export const recordsOf = (batches: FetchedBatch[]): FetchedRecord[] => batches.flatMap(({ records }) => records);

export const textsOf = (records: FetchedRecord[]): string[] => records.map(({ value }) => String(value));

/** Messages with the given texts as values. */
export const messages = (...texts: string[]) => texts.map((text) => ({ key: `key-${text}`, value: Buffer.from(text) }));
