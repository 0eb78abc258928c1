import { MillraceError } from '@millrace/contracts';

/** A record to write. Its key is never null: keyless records of one entity could not be told apart or compacted. */
export interface OutMessage {
  readonly key: Buffer | string;
  readonly value: Buffer;
  readonly headers?: Record<string, string | Buffer>;
  /** Milliseconds since epoch; the time of sending when absent. */
  readonly timestamp?: number;
}

/** Where a request's records have been written; record i of it is at `baseOffset + i`. */
export interface Written {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly count: number;
}

/** Below the broker's default `message.max.bytes` of 1,048,588 with room for the batch's own fields. */
export const MAX_REQUEST_BYTES = 900_000;

/** Bound on the fields of a record beside key, value and headers: length, attributes, two deltas, three lengths. */
const RECORD_OVERHEAD = 32;

/** Upper bound of the bytes that a message takes in a record batch. */
export function sizeOf({ key, value, headers }: OutMessage): number {
  return RECORD_OVERHEAD + Buffer.byteLength(key) + value.length + sizeOfHeaders(headers);
}

function sizeOfHeaders(headers: OutMessage['headers']): number {
  let size = 0;
  for (const name in headers) size += 10 + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!);
  return size;
}

/**
 * Cuts messages into runs that each fit into one request, in order.
 *
 * @throws MillraceError `RECORD_TOO_LARGE` if one message alone is beyond the limit
 * @example cutIntoRequests(messages of 400 kB, 400 kB and 400 kB, 900_000) // two runs: two messages, one message
 */
export function cutIntoRequests<M extends OutMessage>(messages: readonly M[], maxBytes = MAX_REQUEST_BYTES): (readonly M[])[] {
  const runs: (readonly M[])[] = [];
  let start = 0;
  let bytes = 0;
  let headers: OutMessage['headers'];
  let headerBytes = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    if (message.headers !== headers) headerBytes = sizeOfHeaders((headers = message.headers));
    const size = RECORD_OVERHEAD + Buffer.byteLength(message.key) + message.value.length + headerBytes;
    assertFits(size, maxBytes);
    if (bytes + size > maxBytes) {
      runs.push(messages.slice(start, i));
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < messages.length) runs.push(start === 0 ? messages : messages.slice(start));
  return runs;
}

export function assertFits(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new MillraceError('RECORD_TOO_LARGE', `a record of about ${size} bytes is larger than the limit of ${maxBytes} bytes`, { hint: 'Store large content elsewhere and send a reference to it.' });
}

/** A message in the form that the client library takes. */
export function toKafkajs(message: OutMessage, partition: number) {
  const { key, value, headers, timestamp } = message;
  const addressed: { key: Buffer | string; value: Buffer; partition: number; headers?: Record<string, string | Buffer>; timestamp?: string } = { key, value, partition };
  if (headers !== undefined) addressed.headers = headers;
  if (timestamp !== undefined) addressed.timestamp = String(timestamp);
  return addressed;
}

interface ProduceAnswer {
  topicName: string;
  partition: number;
  errorCode: number;
  baseOffset?: string;
}

/**
 * Checks that a send of one partition was answered for exactly that partition. kafkajs forgets partitions of a send when a
 * leader moves and still resolves.
 *
 * @throws MillraceError `SEND_NOT_COVERED`
 */
export function writtenBy(answer: readonly ProduceAnswer[], topic: string, partition: number, count: number): Written {
  const [only] = answer;
  const baseOffset = Number(only?.baseOffset ?? -1);
  if (answer.length === 1 && only?.topicName === topic && only.partition === partition && only.errorCode === 0 && baseOffset >= 0) return { topic, partition, baseOffset, count };
  throw new MillraceError('SEND_NOT_COVERED', `the answer to a send to ${topic}/${partition} does not cover it: ${JSON.stringify(answer)}`, { retriable: true });
}
