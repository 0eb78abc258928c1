import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { kcat } from './run-kcat.ts';

export type Isolation = 'read_committed' | 'read_uncommitted';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Topics of a cluster with their numbers of partitions, by its metadata. @throws MillraceError KCAT_MISSING, KCAT_FAILED */
export async function listTopics(brokers: string, topic?: string): Promise<Map<string, number>> {
  const answer = JSON.parse((await kcat(['-b', brokers, '-L', '-J', ...(topic === undefined ? [] : ['-t', topic])])).toString('utf8')) as {
    topics: { topic: string; error?: string; partitions: unknown[] }[];
  };
  return new Map(answer.topics.filter(({ error, partitions }) => !error && partitions.length > 0).map((each) => [each.topic, each.partitions.length]));
}

/**
 * Offsets by ListOffsets, in the order asked: `low` the first that is kept; `end` the high watermark, or with read_committed the
 * last stable offset.
 */
export async function offsetsOf(brokers: string, places: readonly TopicPartition[], which: 'low' | 'end', isolation: Isolation = 'read_uncommitted'): Promise<number[]> {
  if (places.length === 0) return [];
  const asked = places.flatMap(({ topic, partition }) => ['-t', `${topic}:${partition}:${which === 'low' ? -2 : -1}`]);
  const text = (await kcat(['-b', brokers, '-Q', ...asked, '-X', `isolation.level=${isolation}`])).toString('utf8');
  const found = new Map([...text.matchAll(/^(\S+) \[(\d+)\] offset (-?\d+)/gm)].map(([, topic, partition, offset]) => [`${topic}/${partition}`, Number(offset)]));
  return places.map(({ topic, partition }) => found.get(`${topic}/${partition}`) ?? missing(topic, partition));
}

/**
 * High watermarks as they are now, once no transaction is open below them: from then on a read_committed reader sees all that was
 * committed there.
 * @throws MillraceError TRANSACTION_OPEN when one stays open for `timeoutMs`
 */
export async function settledEnds(brokers: string, places: readonly TopicPartition[], timeoutMs: number): Promise<number[]> {
  const ends = await offsetsOf(brokers, places, 'end');
  const start = performance.now();
  for (;;) {
    const stable = await offsetsOf(brokers, places, 'end', 'read_committed');
    const open = places.filter((_, i) => stable[i]! < ends[i]!);
    if (open.length === 0) return ends;
    if (performance.now() - start > timeoutMs) {
      const names = open.map(({ topic, partition }) => `${topic}/${partition}`).join(', ');
      throw new MillraceError('TRANSACTION_OPEN', `no end of the open transactions in ${names} within ${timeoutMs} ms`, { retriable: true, hint: 'a transaction of a dead writer ends after its timeout: wait longer' });
    }
    await delay(100);
  }
}

function missing(topic: string, partition: number): never {
  throw new MillraceError('KCAT_FAILED', `kcat gave no offset of ${topic}/${partition}`, { retriable: true });
}
