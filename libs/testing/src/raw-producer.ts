import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';

/** What the broker says to a batch. */
export interface RawAnswer {
  /** 0 = it is in the log; else an error code of Kafka's protocol. */
  errorCode: number;
  /** Its first offset, or -1. */
  baseOffset: number;
}

const PRODUCE = 0;
/** The newest version with topic names in plain (not compact) encoding that says nothing of transactions. */
const VERSION = 7;

/**
 * Writes hand-made record batches to a broker over a socket of its own: what no client library would let through.
 *
 * @example
 * const producer = await RawProducer.open('127.0.0.1:9092');
 * const { errorCode } = await producer.produce('events.orders', 0, recordBatch(bomb('gzip', 1e9)));
 */
export class RawProducer {
  private readonly socket: Socket;
  private readonly waiting: { resolve(frame: Buffer): void; reject(error: Error): void }[] = [];
  private requests = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader((frame) => this.waiting.shift()?.resolve(frame));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error('the broker closed the connection'));
    });
  }

  /** @param brokers the first of them must lead all partitions that are written to */
  static async open(brokers: string): Promise<RawProducer> {
    const [host, port] = brokers.split(',')[0]!.split(':') as [string, string];
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    return new RawProducer(socket);
  }

  /** Acknowledged by all replicas. @throws Error when the broker closes the connection instead of answering */
  async produce(topic: string, partition: number, batches: Buffer): Promise<RawAnswer> {
    const client = 'raw';
    const head = Buffer.alloc(4 + 8 + 2 + client.length + 2 + 2 + 4 + 4 + 2 + Buffer.byteLength(topic) + 4 + 4 + 4);
    let at = head.writeInt32BE(head.length - 4 + batches.length, 0);
    at = head.writeInt16BE(PRODUCE, at);
    at = head.writeInt16BE(VERSION, at);
    at = head.writeInt32BE(++this.requests, at);
    at = head.writeInt16BE(client.length, at);
    at += head.write(client, at);
    at = head.writeInt16BE(-1, at);
    at = head.writeInt16BE(-1, at);
    at = head.writeInt32BE(30_000, at);
    at = head.writeInt32BE(1, at);
    at = head.writeInt16BE(Buffer.byteLength(topic), at);
    at += head.write(topic, at);
    at = head.writeInt32BE(1, at);
    at = head.writeInt32BE(partition, at);
    head.writeInt32BE(batches.length, at);
    const answered = new Promise<Buffer>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.socket.write(head);
    this.socket.write(batches);
    const frame = await answered;
    // Length, correlation id, one topic with its name, one partition with its number.
    const fields = 4 + 4 + 4 + 2 + frame.readInt16BE(12) + 4 + 4;
    return { errorCode: frame.readInt16BE(fields), baseOffset: Number(frame.readBigInt64BE(fields + 2)) };
  }

  close(): void {
    this.socket.destroy();
  }
}
