import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { MillraceError } from '@millrace/contracts';
import { unlz4 } from '../lz4.ts';
import { unsnappy } from '../snappy.ts';
import { corruptData, tooLarge } from './inflate-errors.ts';

/** Most bytes one compressed record batch may grow to, whatever its size: 64 times the largest batch of a broker by default. */
export const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

/**
 * A batch of up to 64 kB may grow to this: batches of equal records, as load generators send them, shrink 500 times and more, but
 * clients cut batches at 1 MB before they compress, or at a small multiple of it where they estimate.
 */
const SMALL_INFLATED_BYTES = 8 * 1024 * 1024;

/** What a larger batch may grow by. Events shrink 3 to 20 times; a bomb grows by 1,000 (gzip) to 20,000 (zstd). */
const MOST_GROWTH = 128;

export const COMPRESSION = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

type Inflate = (bytes: Buffer, most: number) => Promise<Buffer> | Buffer;
type Unzip = (bytes: Uint8Array, options: { maxOutputLength: number; chunkSize: number }) => Promise<Buffer>;

const inflaters: Partial<Record<number, Inflate>> = {
  [COMPRESSION.gzip]: byZlib(promisify(zlib.gunzip as (bytes: Uint8Array, options: zlib.ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void)),
  [COMPRESSION.snappy]: unsnappy,
  [COMPRESSION.lz4]: unlz4,
  // Absent before Node 22.15.
  ...(typeof zlib.zstdDecompress === 'function'
    ? { [COMPRESSION.zstd]: byZlib(promisify(zlib.zstdDecompress as (bytes: Uint8Array, options: zlib.ZstdOptions, done: (error: Error | null, result: Buffer) => void) => void)) }
    : {}),
};

/**
 * Inflates the records of one batch: gzip, snappy (raw or framed by snappy-java), LZ4 or zstd.
 *
 * @param codec compression bits of the batch attributes
 * @throws MillraceError `COMPRESSION_UNSUPPORTED`, `RECORD_BATCH_CORRUPT` or, above the limit (900 kB of gzip can hold 1 GB),
 * `COMPRESSED_BATCH_TOO_LARGE`
 */
export async function inflate(codec: number, bytes: Buffer, most = mostInflated(bytes.length)): Promise<Buffer> {
  const inflater = inflaters[codec];
  if (!inflater) {
    throw new MillraceError('COMPRESSION_UNSUPPORTED', `record batches compressed by codec ${codec} cannot be read`, {
      hint: 'set compression.type of the producer to none, gzip, snappy, lz4 or zstd',
    });
  }
  return inflater(bytes, most);
}

/**
 * Bytes that compressed records of a given size may grow to. A flat limit would let a bomb of 60 kB cost as much as an honest batch
 * of 1 MB.
 *
 * @example mostInflated(1_000) // 8 MiB
 * @example mostInflated(500_000) // 64,000,000
 */
export function mostInflated(bytes: number): number {
  return Math.min(MAX_INFLATED_BYTES, Math.max(SMALL_INFLATED_BYTES, bytes * MOST_GROWTH));
}

function byZlib(unzip: Unzip): Inflate {
  return async (bytes, most) => {
    try {
      // Each chunk is a turn of the thread pool: not hundreds of them for one batch.
      return await unzip(bytes, { maxOutputLength: most, chunkSize: Math.min(1 << 20, Math.max(1 << 14, bytes.length * 4)) });
    } catch (cause) {
      throw (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(most) : corruptData((cause as Error).message, cause);
    }
  };
}

/** gzip for kafkajs's codec table: the stock one inflates without a limit. */
export const boundedGzip = () => ({
  compress: (encoder: { buffer: Buffer }): Promise<Buffer> => promisify(zlib.gzip as (bytes: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void)(encoder.buffer),
  decompress: (bytes: Buffer): Promise<Buffer> => inflate(COMPRESSION.gzip, bytes),
});
