import { MillraceError, decodeEvent, type PredictionMade } from '@millrace/contracts';
import { KafkaCluster, PartitionReader, TopicAdmin } from '@millrace/messaging';
import { topicRanges } from './topic-ranges.ts';
import { workspaceOf } from './workspace.ts';

export interface TailOptions {
  readonly brokers: string;
  readonly workspace: string;
  readonly model: string;
  /** From the first record that is kept; else from now on. */
  readonly fromBeginning: boolean;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Prints the predictions of a model as they are committed, until `limit` or the signal.
 * @throws MillraceError NOT_FOUND when there is no such model
 */
export async function tailPredictions({ brokers, workspace: prefix, model, fromBeginning, limit, signal, print }: TailOptions): Promise<void> {
  const cluster = new KafkaCluster({ brokers: brokers.split(','), clientId: 'millrace-cli' });
  const topic = workspaceOf({ ...process.env, MILLRACE_WORKSPACE: prefix }).topic('predictions.<model>', { model });
  const admin = new TopicAdmin(cluster);
  let reader: PartitionReader | undefined;
  const end = (): void => void reader?.close();
  try {
    if (!(await admin.topics()).includes(topic)) throw new MillraceError('NOT_FOUND', `no model is called ${model}: there is no topic ${topic}`, { hint: "'millrace status' lists the models" });
    const ranges = await topicRanges(cluster, topic);
    const inputs = [...ranges].map(([partition, { low, stable }]) => ({ topic, partition, offset: fromBeginning ? low : stable }));
    reader = await PartitionReader.open(cluster, inputs);
    signal.addEventListener('abort', end);
    for (let printed = 0; !signal.aborted; ) {
      for (const { partition, records } of await reader.poll()) {
        for (const { offset, timestamp, value } of records) {
          print(predictionLine(decodeEvent(value) as PredictionMade, partition, offset, timestamp));
          if (++printed >= limit) return;
        }
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await reader?.close();
    await admin.close();
    await cluster.close();
  }
}

/** A prediction as JSON: ids in hex, times in ISO 8601, and where it stands. */
export function predictionLine(prediction: PredictionMade, partition: number, offset: number, committedAt: number): string {
  const { eventId, eventTime, acceptedAt, ...others } = prediction;
  const iso = (time: number): string => new Date(time).toISOString();
  return JSON.stringify({ partition, offset, committedAt: iso(committedAt), eventId: Buffer.from(eventId).toString('hex'), eventTime: iso(eventTime), acceptedAt: iso(acceptedAt), ...others });
}
