import { MillraceError } from '@millrace/contracts';
import type { KafkaCluster } from './cluster.ts';
import type { FetchedPartition, FetchTarget } from './fetch-call.ts';
import { OffsetOutOfRange, troubleOf } from './fetch-trouble.ts';
import { brokerErrorType } from './kafka-error.ts';
import { LeaderConnection, type Arrival } from './leader-connection.ts';
import { decodeRecordSet, type FetchedRecord } from './record-set.ts';

export type { FetchedRecord, Poison } from './record-set.ts';

export interface ReaderInput {
  readonly topic: string;
  readonly partition: number;
  /** First offset to read. */
  readonly offset: number;
  /** Whether offsets may be missing, as in compacted topics. Default false: a gap is an error. */
  readonly sparse?: boolean;
  /** Whether a batch that cannot be decoded comes as one poison record, for topics that others write to. Default false: it is an error. */
  readonly keepsPoison?: boolean;
}

export interface ReaderOptions {
  maxBytes?: number;
  maxBytesPerPartition?: number;
  /** Told of every failed attempt; the reader goes on by itself. */
  onTrouble?: (error: unknown, attempt: number) => void;
}

/** What one request brought of one input; also without records, which says that there were none. */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: FetchedRecord[];
  /** The next position: behind the last raw record, over control and aborted ones. */
  readonly next: number;
  /** Whether nothing that can be read (up to the last stable offset) lay behind `next`. */
  readonly atEnd: boolean;
  /**
   * Number of the request, growing in the order in which requests are sent. Something else was found empty *later* than these
   * records were read if its `fetch` is greater than the `arrived` of these records.
   */
  readonly fetch: number;
  /** Number of the newest request that had been sent when this answer arrived; equals `fetch` with a single leader. */
  readonly arrived: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

interface Input {
  readonly topic: string;
  readonly partition: number;
  readonly sparse: boolean;
  readonly keepsPoison: boolean;
  position: number;
  /** Where a batch did not match its checksum: it is fetched once more before that is believed. */
  suspect?: number | undefined;
  paused: boolean;
  /** Changed by every seek, so that an answer for an earlier position is recognised. */
  seeks: number;
}

interface Asked extends FetchTarget {
  readonly input: Input;
  readonly seeks: number;
}

const BACK_OFF = { firstMs: 50, mostMs: 1000 };

/**
 * Reads partitions as `read_committed` over connections of its own: a long poll blocks every other request on its connection, and
 * a kafkajs consumer waits for the slowest of its batches. One request asks for all inputs that have the same leader.
 *
 * @example
 * const reader = await PartitionReader.open(cluster, [{ topic: 'event-ingested', partition: 0, offset: 17 }]);
 * for (const { records, next } of await reader.poll()) …
 */
export class PartitionReader {
  private readonly inputs: Input[];
  private readonly options: ReaderOptions;
  private readonly leaders: LeaderConnection<Asked>;
  private attempts = 0;
  private polling = false;

  private constructor(cluster: KafkaCluster, inputs: readonly ReaderInput[], options: ReaderOptions) {
    this.inputs = inputs.map(({ topic, partition, offset, sparse = false, keepsPoison = false }) => ({ topic, partition, sparse, keepsPoison, position: offset, paused: false, seeks: 0 }));
    this.options = options;
    this.leaders = new LeaderConnection(cluster, { maxBytes: options.maxBytes ?? 8 << 20, maxBytesPerPartition: options.maxBytesPerPartition ?? 1 << 20 });
  }

  /** @throws MillraceError `TOPIC_MISSING`, `PARTITION_MISSING` or `KAFKA_UNREACHABLE` */
  static async open(cluster: KafkaCluster, inputs: readonly ReaderInput[], options: ReaderOptions = {}): Promise<PartitionReader> {
    const bad = inputs.find(({ offset }) => !Number.isSafeInteger(offset) || offset < 0);
    if (bad) throw new MillraceError('OFFSET_INVALID', `${bad.offset} is not a position in ${bad.topic}/${bad.partition}`, { hint: 'Positions are whole numbers from 0 on.' });
    const reader = new PartitionReader(cluster, inputs, options);
    await reader.leaders.open(reader.inputs);
    return reader;
  }

  /**
   * Asks for all inputs that are not paused. With `maxWaitMs` > 0 it returns as soon as one answer has arrived, which the broker
   * holds back that long while nothing is there; with 0 when all have. After trouble with a broker it returns nothing, after a
   * short wait, and the next call tries again; while no broker can be reached, each call returns nothing after a second.
   *
   * @throws OffsetOutOfRange; MillraceError `OFFSET_GAP`, `RECORD_BATCH_CORRUPT` (or, of compressed records, `COMPRESSED_BATCH_TOO_LARGE`, `COMPRESSION_UNSUPPORTED`), `NOT_AUTHORIZED`, `READER_CLOSED`, `READER_BUSY` …
   */
  async poll({ maxWaitMs = 250 }: { maxWaitMs?: number } = {}): Promise<FetchedBatch[]> {
    if (this.polling) throw new MillraceError('READER_BUSY', 'a reader is polled by one caller at a time');
    this.polling = true;
    try {
      const arrivals = await this.leaders.fetch(this.wanted(), maxWaitMs);
      const batches: FetchedBatch[] = [];
      for (const arrival of arrivals) await this.take(arrival, batches);
      return batches;
    } finally {
      this.polling = false;
    }
  }

  /**
   * Behind the last record of each input, by `topic/partition`, as its leader says when it is asked (ListOffsets). Right after an election it does not
   * answer, since its high watermark may lie before what was acknowledged (KIP-207); a fetch sees that earlier end as if it were one. After
   * trouble it returns undefined, after a short wait, and the next call tries again. Not while a poll waits: it would wait too.
   *
   * @throws MillraceError `READER_CLOSED`
   */
  async ends(): Promise<ReadonlyMap<string, number> | undefined> {
    try {
      return await this.leaders.ends(this.inputs);
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'READER_CLOSED') throw error;
      await this.recover(error, brokerErrorType(error) !== undefined);
      return undefined;
    }
  }

  /** Goes on at `offset`; answers for the earlier position are thrown away. */
  seek(topic: string, partition: number, offset: number): void {
    const input = this.find(topic, partition);
    input.position = offset;
    input.seeks++;
  }

  /** Leaves an input out of requests until `resume`. */
  pause(topic: string, partition: number): void {
    this.find(topic, partition).paused = true;
  }

  resume(topic: string, partition: number): void {
    this.find(topic, partition).paused = false;
  }

  /** Position of the next record that `poll` would give. */
  position(topic: string, partition: number): number {
    return this.find(topic, partition).position;
  }

  /** How many brokers the inputs are read from. */
  get spread(): number {
    return this.leaders.spread;
  }

  /** Ends the reader; a poll that waits fails at once with `READER_CLOSED`. */
  async close(): Promise<void> {
    await this.leaders.close();
  }

  private wanted(): Asked[] {
    return this.inputs.filter(({ paused }) => !paused).map((input) => ({ topic: input.topic, partition: input.partition, position: input.position, input, seeks: input.seeks }));
  }

  private async take(arrival: Arrival<Asked>, batches: FetchedBatch[]): Promise<void> {
    let trouble = arrival.error;
    for (const fetched of arrival.partitions) {
      const asked = arrival.targets.find(({ topic, partition }) => topic === fetched.topic && partition === fetched.partition);
      // While a leader moves, the old and the new one may both be asked: the later answer brings nothing that was not read.
      if (!asked || asked.seeks !== asked.input.seeks || asked.position !== asked.input.position || asked.input.paused) continue;
      const { input } = asked;
      if (fetched.errorCode === 0) batches.push(await this.batch(input, fetched, arrival));
      else trouble ??= await this.judge(input, fetched);
    }
    if (trouble === undefined) this.attempts = 0;
    else await this.recover(trouble, arrival.error === undefined);
  }

  private async recover(trouble: unknown, isConnected: boolean): Promise<void> {
    this.options.onTrouble?.(trouble, ++this.attempts);
    await this.leaders.recover(isConnected, Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** (this.attempts - 1)));
  }

  private async batch(input: Input, fetched: FetchedPartition, arrival: Arrival<Asked>): Promise<FetchedBatch> {
    const { topic, partition } = input;
    const { highWatermark, lastStableOffset, logStartOffset } = fetched;
    try {
      const { records, next, suspect } = await decodeRecordSet(fetched.batches, input.position, fetched.aborted, {
        sparse: input.sparse, suspect: input.suspect, ...(input.keepsPoison ? { poisonBefore: lastStableOffset } : {}),
      });
      input.position = next;
      input.suspect = suspect;
      return { topic, partition, records, next, atEnd: next >= lastStableOffset, fetch: arrival.sent, arrived: arrival.arrived, highWatermark, lastStableOffset, logStartOffset };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      throw new MillraceError(error.code, `${topic}/${partition}: ${error.message}`, { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
    }
  }

  private async judge(input: Input, { errorCode }: FetchedPartition): Promise<unknown> {
    const { topic, partition, position } = input;
    const trouble = troubleOf(errorCode, `${topic}/${partition}`);
    if (trouble instanceof MillraceError) throw trouble;
    if (trouble === 'out-of-range') {
      const { low, high } = await this.leaders.range(topic, partition);
      // A leader that lags may not know the offset yet; then it is a matter of time.
      if (position < low || position > high) throw new OffsetOutOfRange(topic, partition, position, low, high);
    }
    return new MillraceError('LEADER_CHANGED', `${topic}/${partition} cannot be read from its leader at the moment (error code ${errorCode})`, { retriable: true });
  }

  private find(topic: string, partition: number): Input {
    const input = this.inputs.find((one) => one.topic === topic && one.partition === partition);
    if (!input) throw new MillraceError('INPUT_UNKNOWN', `${topic}/${partition} is not an input of this reader`);
    return input;
  }
}
