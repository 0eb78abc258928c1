import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';

export interface BatchRecord {
  key?: Buffer | null;
  value: Buffer | null;
  /** Names and values; a name may come twice. */
  headers?: readonly (readonly [string, Buffer | null])[];
}

export interface BatchShape {
  /** Default: none. Ignored when `body` is given. */
  records?: readonly BatchRecord[];
  /** Instead of records: what stands behind the header, as it is. */
  body?: Buffer;
  /** Compression bits of the attributes; it does not compress. Default 0. */
  codec?: number;
  /** How many records the header claims; default as many as there are. */
  count?: number;
  /** Default 0; a broker sets it. */
  base?: number;
  /** Default: count - 1. */
  lastOffsetDelta?: number;
  /** Bits of the attributes beside those of the codec. Default 0. */
  attributes?: number;
  magic?: number;
  /** ms since epoch; default 1,700,000,000,000. */
  timestamp?: number;
}

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Number of each codec in the attributes of a batch. */
export const codecs: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

/**
 * A record batch of format 2 made by hand, for tests of what no client would send; its checksum is right.
 * Layout: Kafka documentation, "Record Batch".
 *
 * @example recordBatch({ body: compressedZeros('gzip', 1e9), codec: codecs.gzip, count: 1 })
 */
export function recordBatch(shape: BatchShape): Buffer {
  const { records = [], body = recordsBody(records), codec = 0, count = records.length, base = 0, lastOffsetDelta = count - 1, attributes = 0, magic = 2, timestamp = 1_700_000_000_000 } = shape;
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(base), 0);
  header.writeInt32BE(49 + body.length, 8);
  header[16] = magic;
  header.writeInt16BE(attributes | codec, 21);
  header.writeInt32BE(lastOffsetDelta, 23);
  header.writeBigInt64BE(BigInt(timestamp), 27);
  header.writeBigInt64BE(BigInt(timestamp), 35);
  header.writeBigInt64BE(-1n, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(count, 57);
  return withChecksum(Buffer.concat([header, body]));
}

/** Writes the right checksum into a batch that was changed. */
export function withChecksum(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** Records as they stand in a batch, uncompressed. */
export function recordsBody(records: readonly BatchRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap(({ key = null, value, headers = [] }, index) => {
      const fields = [Buffer.from([0]), varint(0), varint(index), ...block(key), ...block(value), varint(headers.length), ...headers.flatMap(([name, content]) => [...block(Buffer.from(name)), ...block(content)])];
      return [varint(fields.reduce((sum, { length }) => sum + length, 0)), ...fields];
    }),
  );
}

/** A zigzag varint. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** One record whose value is `length` zeros, compressed as far as the codec can: a bomb. It grows by 1,000 (gzip), 21 (snappy), 250 (lz4), 20,000 (zstd). */
export function bomb(codec: Exclude<Codec, 'none'>, length: number): BatchShape {
  const tail = Buffer.from([0]);
  const fields = 1 + 1 + 1 + 1 + varint(length).length + length + tail.length;
  const head = Buffer.concat([varint(fields), Buffer.from([0, 0, 0]), varint(-1), varint(length)]);
  return { body: compressors[codec](head, length, tail), codec: codecs[codec], count: 1 };
}

/** Compresses what is small enough to be held in memory; snappy and LZ4 without finding any repetition. */
export function compressed(codec: Codec, bytes: Buffer): Buffer {
  return codec === 'none' ? bytes : compressors[codec](bytes, 0, Buffer.alloc(0));
}

const compressors: Record<Exclude<Codec, 'none'>, (head: Buffer, zeros: number, tail: Buffer) => Buffer> = {
  gzip: (head, zeros, tail) => gzipSync(Buffer.concat([head, Buffer.alloc(zeros), tail])),
  zstd: (head, zeros, tail) => zstdCompressSync(Buffer.concat([head, Buffer.alloc(zeros), tail])),
  snappy: (head, zeros, tail) => Buffer.concat([unsignedVarint(head.length + zeros + tail.length), snappyLiteral(head), ...snappyZeros(zeros), snappyLiteral(tail)]),
  lz4: (head, zeros, tail) => {
    const blocks: Buffer[] = [];
    const largest = 4 << 20;
    const put = (block: Buffer): void => void blocks.push(uint32LE(block.length), block);
    for (let left = zeros; left > 0; left -= largest) put(lz4Zeros(Math.min(largest, left)));
    const stored = (bytes: Buffer): Buffer[] => (bytes.length === 0 ? [] : [uint32LE((bytes.length | 0x80000000) >>> 0), bytes]);
    // Version 1, independent blocks, up to 4 MB each; the checksum of the header is the second byte of xxHash32 of the two bytes before.
    return Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]), ...stored(head), ...blocks, ...stored(tail), uint32LE(0)]);
  },
};

function snappyLiteral(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length - 1);
  return Buffer.concat([Buffer.from([63 << 2]), length, bytes]);
}

function snappyZeros(count: number): Buffer[] {
  if (count === 0) return [];
  const full = Math.floor((count - 1) / 64);
  const rest = count - 1 - full * 64;
  const copies = Buffer.alloc(full * 3, Buffer.from([(63 << 2) | 2, 1, 0]));
  return [snappyLiteral(Buffer.alloc(1)), copies, rest === 0 ? Buffer.alloc(0) : Buffer.from([((rest - 1) << 2) | 2, 1, 0])];
}

/** One literal zero, a match of the rest but the last five bytes, and those as literals, as the format wants it. */
function lz4Zeros(count: number): Buffer {
  if (count < 24) return Buffer.concat([Buffer.from([count < 15 ? count << 4 : 0xf0]), ...(count < 15 ? [] : [Buffer.from([count - 15])]), Buffer.alloc(count)]);
  const match = count - 1 - 5 - 4;
  const long = match - 15;
  return Buffer.concat([Buffer.from([0x1f, 0, 1, 0]), Buffer.alloc(Math.floor(long / 255), 255), Buffer.from([long % 255, 0x50]), Buffer.alloc(5)]);
}

function block(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

function uint32LE(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
