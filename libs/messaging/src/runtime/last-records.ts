import { MillraceError } from '@millrace/contracts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { PartitionRange, TopicAdmin } from '../kafka/topic-admin.ts';
import { partitionKey } from '../kafka/transactional-writer.ts';
import { CutShort } from './cut-short.ts';
import type { InputTopic } from './decoding.ts';
import { progressOf, type Progress } from './progress.ts';
import { readTopics } from './read-topics.ts';

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

/** Records are written together with others'; longer than any transaction lasts. */
const sharedWithinMs = 20_000;
/** Most tails end with the marker of a transaction behind its records; aborted ones may stand between. */
const firstSpan = 64;

/**
 * Reads the ends of partitions that only the caller writes, after it has fenced its predecessors.
 *
 * @param proceed called between two fetches; what it throws ends the reading
 * @returns one per partition that holds a committed record
 * @throws as `rangesOf`
 */
export async function lastRecords(outputs: readonly InputTopic[], cluster: KafkaCluster, admin: TopicAdmin, proceed: () => void): Promise<LastRecord[]> {
  const found: LastRecord[] = [];
  let left = (await rangesOf(outputs, admin)).filter(({ low, stable }) => stable > low);
  for (let span = firstSpan; left.length > 0; span *= 16) {
    const last = await readTails(left, span, cluster, proceed);
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
    const range = ranges.get(output.name)!.get(output.partition);
    if (!range) throw new MillraceError('PARTITION_MISSING', `${output.name}/${output.partition} does not exist`, { hint: 'create the topic with as many partitions as its writers expect' });
    const { low, stable, high } = range;
    if (stable >= high) return { output, low, stable };
    throw hanging(output, stable, 'although its writer has been fenced');
  });
}

/**
 * What the transactions say that wrote to topics which others write too, up to their present ends: those of others may be open, and are waited for.
 *
 * @param proceed called between two fetches; what it throws ends the reading
 * @throws MillraceError TRANSACTION_HANGING, retriable, when one stays open for longer than a transaction may last
 */
export async function sharedProgress(outputs: readonly InputTopic[], cluster: KafkaCluster, admin: TopicAdmin, proceed: () => void): Promise<Progress[]> {
  const ends = new Map<string, number>();
  for (const { name, partition } of outputs) ends.set(partitionKey({ topic: name, partition }), (await admin.offsets(name, partition)).high);
  const until = performance.now() + sharedWithinMs;
  const reads = await readTopics(cluster, outputs, ends, () => {
    proceed();
    if (performance.now() > until) throw hanging(outputs[0]!, undefined, `for ${sharedWithinMs / 1000} s`);
  });
  return reads.flatMap(({ headers }) => progressOf(headers) ?? []);
}

function hanging({ name, partition }: InputTopic, from: number | undefined, since: string): MillraceError {
  return new MillraceError('TRANSACTION_HANGING', `${name}/${partition} holds a transaction without an end${from === undefined ? '' : ` from offset ${from} on`}, ${since}`, { retriable: true, hint: 'see docs/runbooks/transaction-hanging.md' });
}

async function readTails(tails: readonly Tail[], span: number, cluster: KafkaCluster, proceed: () => void): Promise<Map<string, LastRecord>> {
  const last = new Map<string, LastRecord>();
  const ends = new Map(tails.map(({ output: { name, partition }, stable }) => [partitionKey({ topic: name, partition }), stable]));
  const cutShort = new CutShort(false);
  const reader = await PartitionReader.open(cluster, tails.map(({ output: { name, partition }, low, stable }) => ({ topic: name, partition, offset: Math.max(low, stable - span), sparse: true })));
  try {
    for (const done = new Set<string>(); done.size < tails.length; ) {
      proceed();
      for (const batch of await reader.poll({ maxWaitMs: 100 })) {
        const { topic, partition, records, next, atEnd } = batch;
        const place = partitionKey({ topic, partition });
        const record = records.at(-1);
        if (record) last.set(place, { topic, partition, headers: record.headers });
        // A leader that has just been elected may let a fetch see less than the range says.
        cutShort.check(batch, ends.get(place)!);
        if (!atEnd || next < ends.get(place)!) continue;
        reader.pause(topic, partition);
        done.add(place);
      }
    }
  } finally {
    await reader.close();
  }
  return last;
}
