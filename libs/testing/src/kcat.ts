import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { until } from './until.ts';

export type Isolation = 'read_committed' | 'read_uncommitted';

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
 * Sorted by partition and offset.
 *
 * @example
 * const records = await readTopic({ brokers, topic: 'predictions.flight-delay' });
 * @throws Error when kcat is missing, the topic is unknown, or a transaction stays open
 */
export async function readTopic({ brokers, topic, partition, isolation = 'read_committed', timeoutMs = 20_000 }: ReadTopic): Promise<KafkaRecord[]> {
  if (isolation === 'read_committed') await stableEnds({ brokers, topic, timeoutMs });
  // Everything of unknown length comes after its length, but the headers, for which there is none: they end at a word nobody writes.
  const end = randomBytes(12).toString('hex');
  const output = await kcat([
    '-b', brokers, '-C', '-t', topic, ...(partition === undefined ? [] : ['-p', String(partition)]), '-o', 'beginning', '-e', '-q',
    '-X', `isolation.level=${isolation}`, '-X', 'check.crcs=true', '-X', 'fetch.wait.max.ms=50',
    '-f', `%p %o %T %K %S\\n%k%s%h${end}`,
  ]);
  return parse(output, Buffer.from(end)).sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/**
 * End offset of each partition, once its last stable offset has reached it, that is when no transaction is open.
 * @throws Error when one stays open for `timeoutMs`
 */
export async function stableEnds({ brokers, topic, timeoutMs = 20_000 }: Pick<ReadTopic, 'brokers' | 'topic' | 'timeoutMs'>): Promise<Map<number, number>> {
  const partitions = await partitionsOf(brokers, topic);
  return until(
    async () => {
      const stable = await ends(brokers, topic, partitions, 'read_committed');
      const all = await ends(brokers, topic, partitions, 'read_uncommitted');
      return partitions.every((partition) => stable.get(partition) === all.get(partition)) ? all : undefined;
    },
    { what: `end of the open transactions in ${topic}`, timeoutMs, everyMs: 100 },
  );
}

async function partitionsOf(brokers: string, topic: string): Promise<number[]> {
  const answer = JSON.parse((await kcat(['-b', brokers, '-L', '-J', '-t', topic])).toString('utf8')) as {
    topics: { topic: string; error?: string; partitions: { partition: number }[] }[];
  };
  const found = answer.topics.find((candidate) => candidate.topic === topic);
  if (!found || found.error || found.partitions.length === 0) throw new Error(`there is no topic ${topic} at ${brokers}: ${found?.error ?? 'not listed'}`);
  return found.partitions.map(({ partition }) => partition);
}

/** ListOffsets with timestamp -1: the high watermark, or with read_committed the last stable offset. */
async function ends(brokers: string, topic: string, partitions: number[], isolation: Isolation): Promise<Map<number, number>> {
  const asked = partitions.flatMap((partition) => ['-t', `${topic}:${partition}:-1`]);
  const answer = (await kcat(['-b', brokers, '-Q', ...asked, '-X', `isolation.level=${isolation}`])).toString('utf8');
  return new Map([...answer.matchAll(/\[(\d+)\] offset (-?\d+)/g)].map(([, partition, offset]) => [Number(partition), Number(offset)]));
}

function parse(output: Buffer, end: Buffer): KafkaRecord[] {
  const records: KafkaRecord[] = [];
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf('\n', at);
    const [partition, offset, timestamp, keyLength, valueLength] = output.toString('latin1', at, line).split(' ').map(Number) as [number, number, number, number, number];
    at = line + 1;
    const take = (length: number): Buffer | null => (length < 0 ? null : output.subarray(at, (at += length)));
    const key = take(keyLength);
    const value = take(valueLength);
    const stop = output.indexOf(end, at);
    records.push({ partition, offset, timestamp, key, value, headers: headersOf(output.toString('utf8', at, stop)) });
    at = stop + end.length;
  }
  return records;
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

function kcat(args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('kcat', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', (cause) => reject(new Error('kcat was not found: install it (Debian: apt-get install kcat)', { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new Error(`kcat ${args.join(' ')} failed with exit code ${code}: ${complaint.trim()}`));
    });
  });
}
