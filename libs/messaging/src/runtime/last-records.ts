import { MillraceError } from '@millrace/contracts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { PartitionRange, TopicAdmin } from '../kafka/topic-admin.ts';
import { partitionKey } from '../kafka/transactional-writer.ts';
import type { InputTopic } from './decoding.ts';

/** The last committed record of a partition. */
export interface LastRecord {
  readonly topic: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, Buffer | undefined>>;
}

interface Tail {
  readonly output: InputTopic;
  readonly low: number;
  readonly stable: number;
}

/** Most tails end with the marker of a transaction behind its records; aborted ones may stand between. */
const firstSpan = 64;

/**
 * Reads the ends of partitions that only the caller writes, after it has fenced its predecessors.
 *
 * @returns one per partition that holds a committed record
 * @throws as `rangesOf`
 */
export async function lastRecords(outputs: readonly InputTopic[], cluster: KafkaCluster, admin: TopicAdmin): Promise<LastRecord[]> {
  const found: LastRecord[] = [];
  let left = (await rangesOf(outputs, admin)).filter(({ low, stable }) => stable > low);
  for (let span = firstSpan; left.length > 0; span *= 16) {
    const last = await readTails(left, span, cluster);
    found.push(...last.values());
    left = left.filter(({ output, low, stable }) => !last.has(partitionKey({ topic: output.name, partition: output.partition })) && stable - span > low);
  }
  return found;
}

/**
 * The ranges of partitions that only the caller writes. After fencing none of its transactions is open: one that is has been ended by
 * the transaction coordinator, but its marker was never written (Apache Kafka 4.3.0 to 4.4.0 after all replicas were away, KAFKA-20734).
 * To write behind it would let the next transaction decide its fate.
 *
 * @throws MillraceError TRANSACTION_HANGING, retriable
 */
export async function rangesOf(outputs: readonly InputTopic[], admin: TopicAdmin): Promise<Tail[]> {
  const ranges = new Map<string, Map<number, PartitionRange>>();
  for (const { name } of outputs) if (!ranges.has(name)) ranges.set(name, await admin.topicOffsets(name));
  return outputs.map((output) => {
    const { low, stable, high } = ranges.get(output.name)!.get(output.partition)!;
    if (stable >= high) return { output, low, stable };
    throw new MillraceError('TRANSACTION_HANGING', `${output.name}/${output.partition} holds a transaction without an end from offset ${stable} on, although its writer has been fenced`, { retriable: true, hint: 'see docs/runbooks/transaction-hanging.md' });
  });
}

async function readTails(tails: readonly Tail[], span: number, cluster: KafkaCluster): Promise<Map<string, LastRecord>> {
  const last = new Map<string, LastRecord>();
  const reader = await PartitionReader.open(cluster, tails.map(({ output: { name, partition }, low, stable }) => ({ topic: name, partition, offset: Math.max(low, stable - span), sparse: true })));
  try {
    for (const done = new Set<string>(); done.size < tails.length; ) {
      for (const { topic, partition, records, atEnd } of await reader.poll({ maxWaitMs: 100 })) {
        const record = records.at(-1);
        if (record) last.set(partitionKey({ topic, partition }), { topic, partition, headers: record.headers });
        if (!atEnd) continue;
        reader.pause(topic, partition);
        done.add(partitionKey({ topic, partition }));
      }
    }
  } finally {
    await reader.close();
  }
  return last;
}
