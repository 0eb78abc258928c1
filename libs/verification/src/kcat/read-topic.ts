import { randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import { RecordParser, printFormat } from './record-parser.ts';
import { kcat } from './run-kcat.ts';
import { listTopics, settledEnds, type Isolation } from './watermarks.ts';

export interface KafkaRecord {
  partition: number;
  offset: number;
  /** Milliseconds since the epoch, as the topic's timestamp type says. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  /** Header values as text; a value that itself contains ',name=' cannot be told from two headers. */
  headers: Record<string, string>;
}

export interface ReadTopic {
  brokers: string;
  topic: string;
  /** Left out: all of them. */
  partition?: number;
  /** Default read_committed. */
  isolation?: Isolation;
  /** How long open transactions may take to end; default 20,000 (a dead writer's ends after its transaction timeout). */
  timeoutMs?: number;
}

/**
 * All records of a topic, by kcat: an independent reader on librdkafka, so that a fault of the client under test cannot hide itself.
 * With read_committed it waits first until no transaction is open: records behind an open one are not lost, only not yet visible.
 * Sorted by partition and offset; all in memory, so for small topics and tests.
 *
 * @example
 * const records = await readTopic({ brokers, topic: 'predictions.flight-delay' });
 * @throws MillraceError KCAT_MISSING, TOPIC_UNKNOWN, TRANSACTION_OPEN
 */
export async function readTopic({ brokers, topic, partition, isolation = 'read_committed', timeoutMs = 20_000 }: ReadTopic): Promise<KafkaRecord[]> {
  if (isolation === 'read_committed') await stableEnds({ brokers, topic, timeoutMs });
  else await partitionsOf(brokers, topic);
  const end = randomBytes(12).toString('hex');
  const output = await kcat([
    '-b', brokers, '-C', '-t', topic, ...(partition === undefined ? [] : ['-p', String(partition)]), '-o', 'beginning', '-e', '-q',
    '-X', `isolation.level=${isolation}`, '-X', 'check.crcs=true', '-X', 'fetch.wait.max.ms=50', '-f', printFormat(end),
  ]);
  return new RecordParser(end)
    .add(output)
    .map((record) => ({ ...record, headers: headersOf(record.headers.toString('utf8')) }))
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/**
 * End offset of each partition, once its last stable offset has reached it, that is when no transaction is open.
 * @throws MillraceError TOPIC_UNKNOWN, TRANSACTION_OPEN when one stays open for `timeoutMs`
 */
export async function stableEnds({ brokers, topic, timeoutMs = 20_000 }: Pick<ReadTopic, 'brokers' | 'topic' | 'timeoutMs'>): Promise<Map<number, number>> {
  const places = Array.from({ length: await partitionsOf(brokers, topic) }, (_, partition) => ({ topic, partition }));
  return new Map((await settledEnds(brokers, places, timeoutMs)).map((end, partition) => [partition, end]));
}

async function partitionsOf(brokers: string, topic: string): Promise<number> {
  const found = (await listTopics(brokers, topic)).get(topic);
  if (found === undefined) throw new MillraceError('TOPIC_UNKNOWN', `there is no topic ${topic} at ${brokers}`);
  return found;
}

function headersOf(text: string): Record<string, string> {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(/,(?=[\w.-]+=)/).map((header) => {
      const separator = header.indexOf('=');
      return [header.slice(0, separator), header.slice(separator + 1)];
    }),
  );
}
