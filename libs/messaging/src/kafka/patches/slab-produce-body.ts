import { crc32c } from '@node-rs/crc32';
import { sizeOfVarint, writeVarint } from './varint.ts';

export type ProduceHeader = Buffer | string | null;

export interface ProduceMessage {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  headers?: Record<string, ProduceHeader | ProduceHeader[] | undefined>;
  /** Milliseconds since epoch; now when absent. */
  timestamp?: string | number;
}

export interface ProduceRequest {
  acks: number;
  timeout: number;
  transactionalId?: string | null;
  producerId?: { toString(): string };
  producerEpoch?: number;
  topicData: { topic: string; partitions: { partition: number; firstSequence?: number; messages: ProduceMessage[] }[] }[];
}

interface BatchPlan {
  firstTimestamp: number;
  maxTimestamp: number;
  recordSizes: Int32Array;
  /** Bytes from the base offset to the last record. */
  size: number;
}

/** Bytes of a record batch before its first record (format v2). */
const BATCH_HEADER = 61;
/** The batch length counts from behind itself. */
const LENGTH_END = 12;
/** The checksum covers everything from the attributes on. */
const ATTRIBUTES_AT = 21;
/** Below this length a loop is faster than the call into Buffer's native copy. */
const SHORT = 32;

/**
 * Body of a Produce request v3 to v7, without compression, written into one buffer of the exact size. The stock
 * encoder allocates a buffer per field and copies each byte five times (5.8 to 9.8 us per record against 0.5 us).
 *
 * Layout: Kafka protocol guide, "Produce API" and "Record Batch".
 *
 * @example encodeProduceBody({ acks: -1, timeout: 30000, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'a' }] }] }] })
 */
export function encodeProduceBody(request: ProduceRequest, now: number): Buffer {
  const { transactionalId = null, topicData } = request;
  const plans: BatchPlan[] = [];
  let size = 2 + (transactionalId === null ? 0 : Buffer.byteLength(transactionalId)) + 2 + 4 + 4;
  for (const { topic, partitions } of topicData) {
    size += 2 + Buffer.byteLength(topic) + 4;
    for (const { messages } of partitions) {
      const plan = planBatch(messages, now);
      plans.push(plan);
      size += 8 + plan.size;
    }
  }
  const slab = Buffer.allocUnsafeSlow(size);
  let at = writeString(slab, 0, transactionalId);
  at = slab.writeInt16BE(request.acks, at);
  at = slab.writeInt32BE(request.timeout, at);
  at = slab.writeInt32BE(topicData.length, at);
  let next = 0;
  for (const { topic, partitions } of topicData) {
    at = writeString(slab, at, topic);
    at = slab.writeInt32BE(partitions.length, at);
    for (const { partition, firstSequence = 0, messages } of partitions) {
      const plan = plans[next++]!;
      at = slab.writeInt32BE(partition, at);
      at = slab.writeInt32BE(plan.size, at);
      at = writeBatch(slab, at, plan, messages, request, firstSequence, now);
    }
  }
  return slab;
}

function planBatch(messages: ProduceMessage[], now: number): BatchPlan {
  let firstTimestamp = Infinity;
  let maxTimestamp = -Infinity;
  for (const message of messages) {
    const time = timeOf(message, now);
    if (time < firstTimestamp) firstTimestamp = time;
    if (time > maxTimestamp) maxTimestamp = time;
  }
  const recordSizes = new Int32Array(messages.length);
  let size = BATCH_HEADER;
  let headers: ProduceMessage['headers'];
  let headerBytes = sizeOfHeaders(headers);
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    if (message.headers !== headers) headerBytes = sizeOfHeaders((headers = message.headers));
    const body = 1 + sizeOfVarint(timeOf(message, now) - firstTimestamp) + sizeOfVarint(i)
      + sizeOfBytes(message.key) + sizeOfBytes(message.value) + headerBytes;
    recordSizes[i] = body;
    size += sizeOfVarint(body) + body;
  }
  return { firstTimestamp, maxTimestamp, recordSizes, size };
}

function writeBatch(
  slab: Buffer, start: number, plan: BatchPlan, messages: ProduceMessage[], request: ProduceRequest, firstSequence: number, now: number,
): number {
  let at = slab.writeBigInt64BE(0n, start);
  at = slab.writeInt32BE(plan.size - LENGTH_END, at);
  at = slab.writeInt32BE(0, at);
  at = slab.writeInt8(2, at);
  const checksumAt = at;
  at += 4;
  at = slab.writeInt16BE(request.transactionalId ? 16 : 0, at);
  at = slab.writeInt32BE(messages.length - 1, at);
  at = slab.writeBigInt64BE(BigInt(plan.firstTimestamp), at);
  at = slab.writeBigInt64BE(BigInt(plan.maxTimestamp), at);
  at = slab.writeBigInt64BE(BigInt((request.producerId ?? -1).toString()), at);
  at = slab.writeInt16BE(request.producerEpoch ?? 0, at);
  at = slab.writeInt32BE(firstSequence, at);
  at = slab.writeInt32BE(messages.length, at);
  let headersAt = at;
  let headersEnd = at;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    at = writeVarint(slab, at, plan.recordSizes[i]!);
    slab[at++] = 0;
    at = writeVarint(slab, at, timeOf(message, now) - plan.firstTimestamp);
    at = writeVarint(slab, at, i);
    at = writeBytes(slab, at, message.key);
    at = writeBytes(slab, at, message.value);
    // Records of one class share their headers: the bytes are those of the record before.
    if (i > 0 && message.headers === messages[i - 1]!.headers) at = repeat(slab, headersAt, headersEnd, at);
    else headersEnd = at = writeHeaders(slab, (headersAt = at), message.headers);
  }
  slab.writeUInt32BE(crc32c(slab.subarray(start + ATTRIBUTES_AT, at)), checksumAt);
  return at;
}

function timeOf(message: ProduceMessage, now: number): number {
  return message.timestamp === undefined || message.timestamp === null ? now : Number(message.timestamp);
}

function lengthOf(value: Buffer | string | null | undefined): number {
  if (value === null || value === undefined) return -1;
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

function sizeOfBytes(value: Buffer | string | null | undefined): number {
  const length = lengthOf(value);
  return length < 0 ? 1 : sizeOfVarint(length) + length;
}

function sizeOfHeaders(headers: ProduceMessage['headers']): number {
  if (headers === undefined) return 1;
  let count = 0;
  let size = 0;
  for (const key of Object.keys(headers)) {
    const keySize = sizeOfBytes(key);
    const value = headers[key];
    if (Array.isArray(value)) {
      for (const one of value) size += keySize + sizeOfBytes(one);
      count += value.length;
    } else {
      size += keySize + sizeOfBytes(value);
      count++;
    }
  }
  return sizeOfVarint(count) + size;
}

function writeString(slab: Buffer, at: number, value: string | null): number {
  if (value === null) return slab.writeInt16BE(-1, at);
  const length = slab.write(value, at + 2);
  slab.writeInt16BE(length, at);
  return at + 2 + length;
}

function writeBytes(slab: Buffer, start: number, value: Buffer | string | null | undefined): number {
  const length = lengthOf(value);
  const at = writeVarint(slab, start, length);
  if (value === null || value === undefined) return at;
  if (typeof value === 'string') slab.write(value, at);
  else if (length < SHORT) for (let i = 0; i < length; i++) slab[at + i] = value[i]!;
  else slab.set(value, at);
  return at + length;
}

function repeat(slab: Buffer, from: number, to: number, at: number): number {
  const length = to - from;
  if (length < SHORT) for (let i = 0; i < length; i++) slab[at + i] = slab[from + i]!;
  else slab.copyWithin(at, from, to);
  return at + length;
}

function writeHeaders(slab: Buffer, start: number, headers: ProduceMessage['headers']): number {
  if (headers === undefined) {
    slab[start] = 0;
    return start + 1;
  }
  const keys = Object.keys(headers);
  let count = 0;
  for (const key of keys) {
    const value = headers[key];
    count += Array.isArray(value) ? value.length : 1;
  }
  let at = writeVarint(slab, start, count);
  for (const key of keys) {
    const value = headers[key];
    for (const one of Array.isArray(value) ? value : [value]) at = writeBytes(slab, writeBytes(slab, at, key), one);
  }
  return at;
}
