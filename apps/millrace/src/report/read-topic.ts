import { PartitionReader, type FetchedRecord, type KafkaCluster } from '@millrace/messaging';
import { topicRanges } from '../client/topic-ranges.ts';

/** Records of one answer are in memory at a time. */
const fetchBytes = 1 << 19;

export interface TopicRecord extends FetchedRecord {
  readonly partition: number;
}

/**
 * All committed records of a topic, each partition in its order, up to the ends at the time of the call. Transactions that are open
 * there are waited for.
 */
export async function* readTopic(cluster: KafkaCluster, topic: string): AsyncGenerator<TopicRecord> {
  const ranges = await topicRanges(cluster, topic);
  const ends = new Map([...ranges].filter(([, { low, high }]) => high > low).map(([partition, { high }]) => [partition, high]));
  if (ends.size === 0) return;
  const reader = await PartitionReader.open(cluster, [...ends.keys()].map((partition) => ({ topic, partition, offset: ranges.get(partition)!.low, sparse: true })), { maxBytes: fetchBytes, maxBytesPerPartition: fetchBytes });
  try {
    while (ends.size > 0) {
      for (const { partition, records, next } of await reader.poll()) {
        const end = ends.get(partition);
        if (end === undefined) continue;
        for (const record of records) if (record.offset < end) yield { ...record, partition };
        if (next < end) continue;
        ends.delete(partition);
        reader.pause(topic, partition);
      }
    }
  } finally {
    await reader.close();
  }
}
