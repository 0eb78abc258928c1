import type { ProtocolCall } from './kafkajs-internals.ts';
import type { AbortedTransaction } from './patches/abort-filter.ts';
import { int64 } from './record-set.ts';

export interface FetchTarget {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}

export interface FetchLimits {
  /** How long the broker may hold the request while nothing is there. */
  maxWaitMs: number;
  maxBytes: number;
  maxBytesPerPartition: number;
}

/** What a Fetch answer says of one partition; offsets are -1 when `errorCode` is not 0. */
export interface FetchedPartition {
  topic: string;
  partition: number;
  errorCode: number;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  aborted: AbortedTransaction[];
  /** Undecoded record batches, the last one perhaps cut off. */
  batches: Buffer;
}

interface FetchAnswer {
  clientSideThrottleTime: number;
  errorCode: number;
  partitions: FetchedPartition[];
}

const FETCH = 1;
/** The newest version with topic names in plain (not compact) encoding. */
const VERSION = 11;
const READ_COMMITTED = 1;

/** A Fetch request (version 11, `read_committed`, no session) and the decoder of its answer; layout: Kafka protocol guide, "Fetch API". */
export function fetchCall(targets: readonly FetchTarget[], limits: FetchLimits): ProtocolCall<FetchAnswer> {
  return {
    request: { apiKey: FETCH, apiVersion: VERSION, apiName: 'Fetch', encode: async () => ({ buffer: encode(targets, limits) }) },
    response: { decode: async (payload) => decode(payload), parse: async (answer) => answer },
    requestTimeout: limits.maxWaitMs,
  };
}

function encode(targets: readonly FetchTarget[], { maxWaitMs, maxBytes, maxBytesPerPartition }: FetchLimits): Buffer {
  const byTopic = new Map<string, FetchTarget[]>();
  for (const target of targets) {
    const same = byTopic.get(target.topic);
    if (same) same.push(target);
    else byTopic.set(target.topic, [target]);
  }
  let size = 4 * 4 + 1 + 4 * 2 + 4 + 4 + 2;
  for (const topic of byTopic.keys()) size += 2 + Buffer.byteLength(topic) + 4;
  const bytes = Buffer.alloc(size + targets.length * 28);
  let at = bytes.writeInt32BE(-1, 0);
  at = bytes.writeInt32BE(maxWaitMs, at);
  at = bytes.writeInt32BE(1, at);
  at = bytes.writeInt32BE(maxBytes, at);
  at = bytes.writeInt8(READ_COMMITTED, at);
  at = bytes.writeInt32BE(0, at);
  at = bytes.writeInt32BE(-1, at);
  at = bytes.writeInt32BE(byTopic.size, at);
  for (const [topic, partitions] of byTopic) {
    const length = bytes.write(topic, at + 2);
    at = bytes.writeInt16BE(length, at) + length;
    at = bytes.writeInt32BE(partitions.length, at);
    for (const { partition, position } of partitions) {
      at = bytes.writeInt32BE(partition, at);
      at = bytes.writeInt32BE(-1, at);
      at = bytes.writeBigInt64BE(BigInt(position), at);
      at = bytes.writeBigInt64BE(-1n, at);
      at = bytes.writeInt32BE(maxBytesPerPartition, at);
    }
  }
  at = bytes.writeInt32BE(0, at);
  bytes.writeInt16BE(0, at);
  return bytes;
}

function decode(payload: Buffer): FetchAnswer {
  const partitions: FetchedPartition[] = [];
  const clientSideThrottleTime = payload.readInt32BE(0);
  const errorCode = payload.readInt16BE(4);
  let at = 14;
  for (let topics = payload.readInt32BE(10); topics > 0; topics--) {
    const length = payload.readInt16BE(at);
    const topic = payload.toString('utf8', at + 2, at + 2 + length);
    at += 2 + length;
    let left = payload.readInt32BE(at);
    for (at += 4; left > 0; left--) {
      const header = at;
      const aborted: AbortedTransaction[] = [];
      let listed = payload.readInt32BE(header + 30);
      for (at = header + 34; listed > 0; listed--, at += 16) {
        aborted.push({ producerId: payload.readBigInt64BE(at).toString(), firstOffset: payload.readBigInt64BE(at + 8).toString() });
      }
      const size = Math.max(0, payload.readInt32BE(at + 4));
      at += 8;
      partitions.push({
        topic,
        partition: payload.readInt32BE(header),
        errorCode: payload.readInt16BE(header + 4),
        highWatermark: int64(payload, header + 6),
        lastStableOffset: int64(payload, header + 14),
        logStartOffset: int64(payload, header + 22),
        aborted,
        batches: payload.subarray(at, (at += size)),
      });
    }
  }
  return { clientSideThrottleTime, errorCode, partitions };
}
