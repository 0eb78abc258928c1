import net from 'node:net';
import { until } from './until.ts';

const CREATE_TOPICS = { key: 19, version: 2 };
const LIST_OFFSETS = { key: 2, version: 1 };

export interface CreateTopic {
  /** `host:port` of a broker that is its own controller. */
  brokers: string;
  topic: string;
  partitions: number;
}

/** Makes a topic without any client library, and waits until it can be used. Source of the frames: Kafka protocol guide. */
export async function createTopic({ brokers, topic, partitions }: CreateTopic): Promise<void> {
  const wish = Buffer.concat([int32(1), text(topic), int32(partitions), int16(1), int32(0), int32(0), int32(10_000), Buffer.from([0])]);
  const made = await exchange(brokers, CREATE_TOPICS, wish);
  // throttle time, number of topics, name, error code
  const code = made.readInt16BE(4 + 4 + 2 + Buffer.byteLength(topic));
  if (code !== 0) throw new Error(`topic ${topic} was not made: error code ${code}`);
  // The controller has answered; the broker's logs come a moment later, and a write before that is refused.
  const each = Array.from({ length: partitions }, (_, partition) => Buffer.concat([int32(partition), int64(-1)]));
  const question = Buffer.concat([int32(-1), int32(1), text(topic), int32(partitions), ...each]);
  await until(async () => errorCodes(await exchange(brokers, LIST_OFFSETS, question), topic).every((error) => error === 0), { what: `topic ${topic}` });
}

/** number of topics, name, number of partitions; per partition its number, error code, timestamp, offset */
function errorCodes(answer: Buffer, topic: string): number[] {
  const start = 4 + 2 + Buffer.byteLength(topic) + 4;
  return Array.from({ length: answer.readInt32BE(start - 4) }, (_, index) => answer.readInt16BE(start + index * 22 + 4));
}

/** @returns the body of the answer, without length and correlation id */
function exchange(brokers: string, api: { key: number; version: number }, body: Buffer): Promise<Buffer> {
  const request = Buffer.concat([int16(api.key), int16(api.version), int32(1), text('millrace-testing'), body]);
  const frame = Buffer.concat([int32(request.length), request]);
  const separator = brokers.lastIndexOf(':');
  const host = brokers.slice(0, separator);
  const port = Number(brokers.slice(separator + 1));
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = net.connect({ host, port, timeout: 15_000 }, () => socket.write(frame));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      socket.destroy();
      resolve(received.subarray(8));
    });
    socket.on('timeout', () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${host}:${port} closed the connection`)));
  });
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
