import { TopicAdmin, type KafkaCluster } from '@millrace/messaging';

/** What a partition holds. */
export type PartitionRange = Awaited<ReturnType<TopicAdmin['offsets']>>;

/** Ranges of all partitions of a topic. */
export async function topicRanges(cluster: KafkaCluster, topic: string): Promise<Map<number, PartitionRange>> {
  const admin = new TopicAdmin(cluster);
  try {
    return await admin.topicOffsets(topic);
  } finally {
    await admin.close();
  }
}
