import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { kafkaError } from '../kafka/kafka-error.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { CutShort } from './cut-short.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';

/** How long leaders may refuse to tell their ends; longer than a replica may lag behind a new one. */
const toldWithinMs = 60_000;

/**
 * Reads partitions from the start, up to their ends as their leaders say, or up to the given offsets (by real name and partition).
 *
 * @param proceed called between two fetches; what it throws ends the reading
 * @throws MillraceError BEYOND_LOG_END when a topic ends before the offset that was asked for; OFFSETS_NOT_READ when no leader tells its end for 60 s
 */
export async function readTopics(cluster: KafkaCluster, inputs: readonly InputTopic[], upTo?: ReadonlyMap<string, number>, proceed?: () => void): Promise<Read[]> {
  const place = (topic: string, partition: number): string => `${topic}/${partition}`;
  const wanted = inputs.filter((input) => !upTo || (upTo.get(place(input.name, input.partition)) ?? 0) > 0);
  if (wanted.length === 0) return [];
  const open = new Map(wanted.map((input) => [place(input.name, input.partition), input]));
  const cutShort = new CutShort(upTo !== undefined);
  const reads: Read[] = [];
  let trouble: unknown;
  const reader = await PartitionReader.open(cluster, wanted.map((input) => ({ topic: input.name, partition: input.partition, offset: 0, sparse: true })), { onTrouble: (error) => (trouble = error) });
  try {
    let ends = upTo;
    for (const until = performance.now() + toldWithinMs; !ends; ends = await reader.ends()) {
      proceed?.();
      if (performance.now() > until) throw kafkaError('OFFSETS_NOT_READ', `asking for the ends of ${wanted.map(({ name }) => name).join(', ')}`, trouble);
    }
    for (let maxWaitMs = 0; open.size > 0; ) {
      proceed?.();
      for (const batch of await reader.poll({ maxWaitMs })) {
        const key = place(batch.topic, batch.partition);
        const input = open.get(key);
        if (!input) continue;
        const end = ends.get(key)!;
        const records = upTo ? batch.records.filter((record) => record.offset < end) : batch.records;
        for (const read of decodeRecords(input, records)) reads.push(read);
        cutShort.check(batch, end);
        // Short of the offset that was asked for there is more to come, but not at once.
        if (batch.next < end || (!upTo && !batch.atEnd)) maxWaitMs = batch.atEnd ? 100 : 0;
        else {
          open.delete(key);
          reader.pause(batch.topic, batch.partition);
        }
      }
    }
  } finally {
    await reader.close();
  }
  return reads;
}
