import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';

/**
 * Reads partitions from the start, up to their ends as a fetch sees them, or up to the given offsets (by real name and partition).
 */
export async function readTopics(cluster: KafkaCluster, inputs: readonly InputTopic[], upTo?: ReadonlyMap<string, number>): Promise<Read[]> {
  const place = (topic: string, partition: number): string => `${topic}/${partition}`;
  const wanted = inputs.filter((input) => !upTo || (upTo.get(place(input.name, input.partition)) ?? 0) > 0);
  if (wanted.length === 0) return [];
  const open = new Map(wanted.map((input) => [place(input.name, input.partition), input]));
  const reads: Read[] = [];
  const reader = await PartitionReader.open(cluster, wanted.map((input) => ({ topic: input.name, partition: input.partition, offset: 0, sparse: true })));
  try {
    while (open.size > 0) {
      for (const batch of await reader.poll({ maxWaitMs: 0 })) {
        const key = place(batch.topic, batch.partition);
        const input = open.get(key);
        if (!input) continue;
        const end = upTo?.get(key);
        reads.push(...decodeRecords(input, end === undefined ? batch.records : batch.records.filter((record) => record.offset < end)));
        if (end === undefined ? batch.atEnd : batch.next >= end || batch.atEnd) open.delete(key);
      }
    }
  } finally {
    await reader.close();
  }
  return reads;
}
