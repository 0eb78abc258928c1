import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { TopicAdmin, type KafkaCluster } from '@millrace/messaging';

const withinMs = 10_000;
const everyMs = 50;

/** What a partition holds. */
export type PartitionRange = Awaited<ReturnType<TopicAdmin['offsets']>>;

/**
 * Ranges of all partitions of a topic, also of one that was made just now: its leader is known some milliseconds before it answers.
 * @throws MillraceError when it does not within 10 s
 */
export async function topicRanges(cluster: KafkaCluster, topic: string): Promise<Map<number, PartitionRange>> {
  const admin = new TopicAdmin(cluster);
  const until = performance.now() + withinMs;
  try {
    for (;;) {
      try {
        return await admin.topicOffsets(topic);
      } catch (error) {
        if (!(error instanceof MillraceError) || !error.retriable || performance.now() > until) throw error;
        await delay(everyMs);
      }
    }
  } finally {
    await admin.close();
  }
}
