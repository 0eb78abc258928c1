import { boundedType, decodeBody, schemaIdOf } from '@millrace/contracts';
import { PartitionReader, type FetchedRecord, type KafkaCluster } from '@millrace/messaging';
import { topicRanges } from '../client/topic-ranges.ts';
import type { StreamAddress } from '../client/console-client.ts';
import type { LastPosted } from './resume.ts';

/** Records at the end that are looked at: others than the poster's may stand behind its last one. */
const tailRecords = 1_000;

export interface PostedStream {
  readonly address: StreamAddress;
  /** Fields with the event time and with the row. */
  readonly time: string;
  readonly row: string;
}

/** The last event of a stream, found at the end of its topic; undefined when there is none. */
export async function lastPosted(cluster: KafkaCluster, { address, time, row }: PostedStream): Promise<LastPosted | undefined> {
  const type = boundedType(address.schema);
  let last: LastPosted | undefined;
  for (const { value } of await tailOf(cluster, address.topic)) {
    const event = fieldsOf(type, address.schemaId, value);
    if (!event) continue;
    const found = { time: Number(event[time]), row: Number(event[row]) };
    if (!last || found.time > last.time || (found.time === last.time && found.row > last.row)) last = found;
  }
  return last;
}

async function tailOf(cluster: KafkaCluster, topic: string): Promise<FetchedRecord[]> {
  const { low, stable } = (await topicRanges(cluster, topic)).get(0)!;
  const from = Math.max(low, stable - tailRecords);
  const records: FetchedRecord[] = [];
  if (stable <= from) return records;
  const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: from }]);
  try {
    while (reader.position(topic, 0) < stable) for (const batch of await reader.poll()) records.push(...batch.records);
  } finally {
    await reader.close();
  }
  return records;
}

/** Undefined for what is no event of this schema: anybody may post. */
function fieldsOf(type: ReturnType<typeof boundedType>, schemaId: number, value: Buffer | null): Record<string, unknown> | undefined {
  try {
    return schemaIdOf(value) === schemaId ? (decodeBody(type, value!) as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
