import type { Producer } from 'kafkajs';
import { MillraceError } from '@millrace/contracts';
import { abandon } from './abandon.ts';
import type { KafkaCluster } from './cluster.ts';
import { kafkaError } from './kafka-error.ts';
import type { InternalCluster } from './kafkajs-internals.ts';
import { assertFits, MAX_REQUEST_BYTES, sizeOf, toKafkajs, writtenBy, type OutMessage } from './out-message.ts';
import { withinTime } from './time-limit.ts';

export interface PlainProducerOptions {
  maxRequestBytes?: number;
  /** How often a request is tried before its senders get an error. Default 12, about 8 s with a broker that refuses connections. */
  tries?: number;
  /** How long a request is tried at most: a broker that is silent takes long to be given up. Default 15,000. */
  giveUpAfterMs?: number;
}

interface Waiting {
  readonly messages: readonly OutMessage[];
  readonly size: number;
  resolve(baseOffset: number): void;
  reject(error: Error): void;
}

/** A connected producer and how many requests use it. */
interface Shared {
  readonly producer: Promise<Producer>;
  /** What the producer owns. */
  readonly connection: InternalCluster;
  inFlight: number;
  failed: boolean;
}

interface Queue {
  readonly topic: string;
  readonly partition: number;
  waiting: Waiting[];
  isSending: boolean;
}

/**
 * Writes records outside of transactions, acknowledged by all replicas. Each partition has its own queue with one request in
 * flight, since kafkajs loses and doubles records when two overlap and an answer is lost; everything that waits goes into the
 * next request. A failed request fails its senders, who may send again: the records may then be there twice, so their ids count.
 *
 * @example const offset = await producer.send('events.departures', 0, [{ key: 'AA-17', value }]);
 */
export class PlainProducer {
  private readonly cluster: KafkaCluster;
  private readonly maxBytes: number;
  private readonly retries: number;
  private readonly giveUpAfterMs: number;
  private readonly queues = new Map<string, Queue>();
  private current: Shared | undefined;
  private closed = false;
  private drained: (() => void) | undefined;

  private constructor(cluster: KafkaCluster, options: PlainProducerOptions) {
    this.cluster = cluster;
    this.maxBytes = options.maxRequestBytes ?? MAX_REQUEST_BYTES;
    this.retries = (options.tries ?? 12) - 1;
    this.giveUpAfterMs = options.giveUpAfterMs ?? 15_000;
  }

  /** @throws MillraceError `KAFKA_UNREACHABLE` (retriable) */
  static async open(cluster: KafkaCluster, options: PlainProducerOptions = {}): Promise<PlainProducer> {
    const opened = new PlainProducer(cluster, options);
    try {
      await withinTime(opened.giveUpAfterMs, opened.shared().producer, 'no answer');
    } catch (error) {
      abandon(opened.shared().connection, error as Error);
      const { code, message } = kafkaError('KAFKA_UNREACHABLE', `connecting to ${cluster.brokers.join(', ')}`, error);
      // Whatever kafkajs thinks of its last error: nothing was written, and a broker may come.
      throw new MillraceError(code, message, { cause: error, retriable: true, hint: 'Check that Kafka runs and that the address is right.' });
    }
    return opened;
  }

  /** Records that wait or are under way. */
  get pending(): number {
    let count = 0;
    for (const { waiting, isSending } of this.queues.values()) count += waiting.length + (isSending ? 1 : 0);
    return count;
  }

  /**
   * Writes records to one partition, in the order of the calls.
   *
   * @returns offset of the first record; the others follow it
   * @throws MillraceError `SEND_FAILED` (retriable), `RECORD_TOO_LARGE`, `PRODUCER_CLOSED`
   */
  async send(topic: string, partition: number, messages: readonly OutMessage[]): Promise<number> {
    if (this.closed) throw new MillraceError('PRODUCER_CLOSED', 'the producer was closed');
    if (messages.length === 0) throw new MillraceError('NOTHING_TO_SEND', 'a send needs at least one record');
    const size = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    assertFits(size, this.maxBytes);
    const key = `${topic}/${partition}`;
    let queue = this.queues.get(key);
    if (!queue) this.queues.set(key, (queue = { topic, partition, waiting: [], isSending: false }));
    const { waiting } = queue;
    const written = new Promise<number>((resolve, reject) => waiting.push({ messages, size, resolve, reject }));
    if (!queue.isSending) void this.drain(queue);
    return written;
  }

  /** Sends what waits, then disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.pending > 0) await new Promise<void>((resolve) => (this.drained = resolve));
    const { current } = this;
    this.current = undefined;
    await current?.producer.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  private async drain(queue: Queue): Promise<void> {
    queue.isSending = true;
    // Calls of the same turn of the event loop share the first request already.
    await Promise.resolve();
    while (queue.waiting.length > 0) await this.sendNext(queue);
    queue.isSending = false;
    if (this.pending === 0) this.drained?.();
  }

  private async sendNext(queue: Queue): Promise<void> {
    const { topic, partition } = queue;
    let bytes = 0;
    let count = 0;
    for (; count < queue.waiting.length && bytes + queue.waiting[count]!.size <= this.maxBytes; count++) bytes += queue.waiting[count]!.size;
    const group = queue.waiting.splice(0, count);
    const messages = group.flatMap((waiting) => waiting.messages.map((message) => toKafkajs(message, partition)));
    const shared = this.shared();
    shared.inFlight++;
    try {
      const sending = shared.producer.then((producer) => {
        // A group that has been given up while this producer was connecting is sent again over the next one, and must not follow behind it.
        if (shared.failed) throw new Error('the producer was given up before it was connected');
        return producer.send({ topic, acks: -1, messages });
      });
      const answer = await withinTime(this.giveUpAfterMs, sending, 'no answer');
      let { baseOffset } = writtenBy(answer, topic, partition, messages.length);
      for (const waiting of group) {
        waiting.resolve(baseOffset);
        baseOffset += waiting.messages.length;
      }
    } catch (cause) {
      shared.failed = true;
      if (this.current === shared) this.current = undefined;
      const failed = kafkaError('SEND_FAILED', `writing to ${topic}/${partition}`, cause);
      const error = new MillraceError(failed.code, failed.message, { cause, retriable: true, hint: 'Send again; the records may have been written, so let their ids tell.' });
      for (const waiting of group) waiting.reject(error);
    } finally {
      shared.inFlight--;
      // After an error sequence numbers are no longer sure: the next request gets a new producer id, the others finish with the old one.
      if (shared.failed && shared.inFlight === 0) abandon(shared.connection, new Error('the producer was given up'));
    }
  }

  private shared(): Shared {
    if (!this.current) {
      const { producer, cluster } = this.cluster.idempotentProducer({ initialRetryTime: 50, maxRetryTime: 1000, retries: this.retries });
      this.current = { producer: producer.connect().then(() => producer), connection: cluster, inFlight: 0, failed: false };
      this.current.producer.catch(() => undefined);
    }
    return this.current;
  }
}
