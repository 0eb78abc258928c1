import type { Producer, Transaction } from 'kafkajs';
import { MillraceError } from '@millrace/contracts';
import { failPoint, type Point } from '@millrace/fail-points';
import { abandon } from './abandon.ts';
import type { KafkaCluster } from './cluster.ts';
import { brokerErrorType, kafkaError } from './kafka-error.ts';
import type { InternalCluster } from './kafkajs-internals.ts';
import { cutIntoRequests, MAX_REQUEST_BYTES, toKafkajs, writtenBy, type OutMessage, type Written } from './out-message.ts';
import { transactionManagerOf } from './patches/transaction-managers.ts';
import { withinTime } from './time-limit.ts';
import { TransactionFailed } from './transaction-failed.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CommittedOffset {
  /** Position of the next record to read; -1 if none was ever committed. */
  readonly offset: number;
  readonly metadata: string | undefined;
}

export interface WriterOptions {
  /** The lock: whoever opened it last is the only one that can write. */
  transactionalId: string;
  /** Consumer group that the input offsets belong to. */
  group: string;
  /** After this long without a commit the broker aborts by itself, and the writer gives up. Default 10,000. */
  transactionTimeoutMs?: number;
  /** Longest wait for an opening: a broker that is silent takes long to be given up. Default 10,000. */
  openWithinMs?: number;
  /** Called between all steps of the protocol; by default the fail point `transaction.<step>`. */
  pause?: (step: string) => void | Promise<void>;
  maxRequestBytes?: number;
  /** The writer gives up after so many records: kafkajs's sequence numbers do not wrap as the broker's do. Default 10^9. */
  mostRecords?: number;
}

export interface TransactionContent {
  sends: readonly { topic: string; partition: number; messages: readonly OutMessage[] }[];
  /** Positions behind the inputs that the sends are made from; `metadata` up to 4,096 bytes is committed with them. */
  offsets: readonly { topic: string; partition: number; offset: number; metadata?: string }[];
}

/** Writing markers takes about a millisecond on one broker and tens of them on three, so the pauses grow. */
const CONCURRENT = { tries: 400, firstPauseMs: 1, longestPauseMs: 20 };

/** Key of the maps that are keyed by a partition. */
export const partitionKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * Writes outputs and input offsets in one transaction (KIP-98), one after another, under a transactional id that fences every
 * earlier writer of the same id. Any error kills it: what happened is in `TransactionFailed.outcome`, and the way on is a new
 * writer with the same id, whose `committed()` says where to go on.
 *
 * @example
 * const writer = await TransactionalWriter.open(cluster, { transactionalId: 'ws.feature-store.lane.0', group: 'ws.feature-store.lane' });
 * const positions = await writer.committed([{ topic: 'event-ingested', partition: 0 }]);
 * await writer.transact({ sends: [{ topic: 'vectors', partition: 0, messages }], offsets: [{ topic: 'event-ingested', partition: 0, offset: 17 }] });
 */
export class TransactionalWriter {
  private readonly options: Required<WriterOptions>;
  private readonly cluster: KafkaCluster;
  private producer!: Producer;
  private connection!: InternalCluster;
  private state: 'idle' | 'busy' | 'dead' = 'idle';
  private transactions = 0;
  private records = 0;

  private constructor(cluster: KafkaCluster, options: WriterOptions) {
    this.cluster = cluster;
    this.options = { transactionTimeoutMs: 10_000, openWithinMs: 10_000, maxRequestBytes: MAX_REQUEST_BYTES, mostRecords: 1e9, pause: (step) => failPoint(`transaction.${step}` as Point), ...options };
  }

  /**
   * Connects and fences: every earlier writer of this id can commit no more, and a transaction it left open is aborted.
   *
   * @throws MillraceError `WRITER_NOT_OPENED`, retriable
   */
  static async open(cluster: KafkaCluster, options: WriterOptions): Promise<TransactionalWriter> {
    const writer = new TransactionalWriter(cluster, options);
    await writer.fence();
    return writer;
  }

  /** Its transactional id. */
  get id(): string {
    return this.options.transactionalId;
  }

  /**
   * Committed positions of the group, by `topic/partition`. To be asked before the first transaction: an offset read right after
   * a commit may be the one before it, since the broker answers a commit before its markers are written.
   */
  async committed(inputs: readonly TopicPartition[]): Promise<Map<string, CommittedOffset>> {
    this.assertAlive();
    if (this.transactions > 0) throw new MillraceError('COMMITTED_READ_LATE', 'committed offsets are read after fencing and before the first transaction only', { hint: 'Open a new writer with the same id.' });
    const topics = [...new Set(inputs.map(({ topic }) => topic))];
    const found = new Map<string, CommittedOffset>();
    if (topics.length === 0) return found;
    try {
      const wanted = new Set(inputs.map(partitionKey));
      for (const { topic, partitions } of await this.cluster.fetchOffsets(this.options.group, topics)) {
        for (const { partition, offset, metadata } of partitions) {
          const key = partitionKey({ topic, partition });
          if (wanted.has(key)) found.set(key, { offset: Number(offset), metadata: Number(offset) < 0 ? undefined : (metadata ?? undefined) });
        }
      }
    } catch (cause) {
      throw kafkaError('OFFSETS_NOT_READ', `reading the committed offsets of ${this.options.group}`, cause);
    }
    const missing = inputs.find((input) => !found.has(partitionKey(input)));
    if (missing) throw new MillraceError('PARTITION_MISSING', `${partitionKey(missing)} does not exist`, { hint: 'Create the topic with as many partitions as its readers expect.' });
    return found;
  }

  /**
   * Writes all sends and offsets, or nothing. Sends of more than `maxRequestBytes` go out in several requests.
   *
   * @returns one entry per request, in order: several for a send that was cut
   * @throws TransactionFailed; MillraceError `WRITER_DROPPED`, `WRITER_BUSY`; `RECORD_TOO_LARGE`, which leaves the writer alive
   */
  async transact(content: TransactionContent): Promise<Written[]> {
    this.assertAlive();
    if (this.state === 'busy') throw new MillraceError('WRITER_BUSY', 'the previous transaction of this writer has not ended', { hint: 'Await each transaction before the next.' });
    const sends = content.sends
      .filter(({ messages }) => messages.length > 0)
      .map(({ topic, partition, messages }) => ({ topic, partition, runs: cutIntoRequests(messages, this.options.maxRequestBytes) }));
    this.state = 'busy';
    const at = { step: 'begin' };
    const { transactionTimeoutMs } = this.options;
    try {
      // Not by a new producer here: it would fence a successor that has read the offsets meanwhile.
      if (this.records >= this.options.mostRecords) throw new Error(`${this.records} records are the most of one producer`);
      const written = await withinTime(transactionTimeoutMs, this.carryOut(sends, content.offsets, at), 'no end');
      this.transactions++;
      this.state = 'idle';
      return written;
    } catch (cause) {
      const failed = TransactionFailed.at(at.step, at.step === 'commit', cause);
      this.drop(failed);
      throw failed;
    }
  }

  /** The steps of a transaction. They end between two of them when the writer has been dropped meanwhile. */
  private async carryOut(sends: readonly (TopicPartition & { runs: readonly (readonly OutMessage[])[] })[], offsets: TransactionContent['offsets'], at: { step: string }): Promise<Written[]> {
    const enter = async (name: string): Promise<void> => {
      await this.options.pause(name);
      this.assertAlive();
      at.step = name;
    };
    await enter('begin');
    const transaction = await this.producer.transaction();
    if (sends.length > 0) {
      await enter('add-partitions');
      await this.addPartitions(sends);
    }
    const written: Written[] = [];
    for (const { topic, partition, runs } of sends) {
      for (const run of runs) {
        await enter('send');
        written.push(await this.send(transaction, topic, partition, run));
      }
    }
    if (offsets.length > 0) {
      await enter('offsets');
      await this.sendOffsets(transaction, offsets);
    }
    await enter('commit');
    await transaction.commit();
    await enter('committed');
    return written;
  }

  /** Ends the writer. A transaction under way is left to the successor, which aborts it. */
  async close(): Promise<void> {
    this.drop(new MillraceError('WRITER_DROPPED', 'the writer was closed'));
  }

  private async fence(): Promise<void> {
    const { transactionalId, transactionTimeoutMs, openWithinMs, pause } = this.options;
    const { producer, cluster } = this.cluster.transactionalProducer(transactionalId, transactionTimeoutMs);
    const initialise = async (): Promise<void> => {
      await producer.connect();
      await pause('connected');
      // connect() does not initialise the transactional id. An empty transaction does, and sends nothing else.
      const empty = await producer.transaction();
      await empty.abort();
      await pause('fenced');
    };
    try {
      await withinTime(openWithinMs, initialise(), 'no answer');
    } catch (cause) {
      this.state = 'dead';
      abandon(cluster, cause as Error);
      throw kafkaError('WRITER_NOT_OPENED', `opening writer ${transactionalId}`, cause, 'It is retried under the same id.');
    }
    this.producer = producer;
    this.connection = cluster;
  }

  /** All partitions by one request; the producer alone would add each before its first send. */
  private async addPartitions(sends: readonly TopicPartition[]): Promise<void> {
    const byTopic = new Map<string, Set<number>>();
    for (const { topic, partition } of sends) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(partition));
    const topics = [...byTopic].map(([topic, partitions]) => ({ topic, partitions: [...partitions].map((partition) => ({ partition })) }));
    const manager = transactionManagerOf(this.connection)!;
    await whileConcurrent(() => manager.addPartitionsToTransaction(topics));
  }

  private async send(transaction: Transaction, topic: string, partition: number, messages: readonly OutMessage[]): Promise<Written> {
    const answer = await transaction.send({ topic, acks: -1, messages: messages.map((message) => toKafkajs(message, partition)) });
    this.records += messages.length;
    return writtenBy(answer, topic, partition, messages.length);
  }

  private async sendOffsets(transaction: Transaction, offsets: TransactionContent['offsets']): Promise<void> {
    const byTopic = new Map<string, { partition: number; offset: string; metadata: string | null }[]>();
    for (const { topic, partition, offset, metadata } of offsets) {
      let partitions = byTopic.get(topic);
      if (!partitions) byTopic.set(topic, (partitions = []));
      partitions.push({ partition, offset: String(offset), metadata: metadata ?? null });
    }
    const topics = [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
    await whileConcurrent(() => transaction.sendOffsets({ consumerGroupId: this.options.group, topics }));
  }

  private drop(reason: Error): void {
    this.state = 'dead';
    abandon(this.connection, reason);
  }

  private assertAlive(): void {
    if (this.state !== 'dead') return;
    throw new MillraceError('WRITER_DROPPED', `writer ${this.options.transactionalId} has failed or was closed`, { hint: 'Open a new one with the same id and read its committed offsets.' });
  }
}

/**
 * Repeats a request while the markers of the previous transaction are still being written. The broker has done nothing then,
 * and kafkajs repeats only sends.
 */
async function whileConcurrent(request: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (brokerErrorType(error) !== 'CONCURRENT_TRANSACTIONS' || tries >= CONCURRENT.tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(CONCURRENT.longestPauseMs, CONCURRENT.firstPauseMs * tries)));
    }
  }
}
