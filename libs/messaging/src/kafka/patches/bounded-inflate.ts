import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { MillraceError } from '@millrace/contracts';

/** Most bytes one compressed record batch may grow to: four times a fetch, far below what a process can hold. */
export const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

export const COMPRESSION = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflaters: Partial<Record<number, Inflate>> = {
  [COMPRESSION.gzip]: promisify(zlib.gunzip as (bytes: Uint8Array, options: zlib.ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void),
  // Absent before Node 22.15.
  ...(typeof zlib.zstdDecompress === 'function'
    ? { [COMPRESSION.zstd]: promisify(zlib.zstdDecompress as (bytes: Uint8Array, options: zlib.ZstdOptions, done: (error: Error | null, result: Buffer) => void) => void) }
    : {}),
};

/**
 * Inflates the records of one batch.
 *
 * @param codec compression bits of the batch attributes
 * @throws MillraceError `COMPRESSION_UNSUPPORTED` or, above the limit (900 kB of gzip can hold 1 GB), `COMPRESSED_BATCH_TOO_LARGE`
 */
export async function inflate(codec: number, bytes: Uint8Array, maxOutputLength = MAX_INFLATED_BYTES): Promise<Buffer> {
  const inflater = inflaters[codec];
  if (!inflater) {
    throw new MillraceError('COMPRESSION_UNSUPPORTED', `record batches compressed by codec ${codec} cannot be read`, {
      hint: 'Set compression.type of the producer to none, gzip or zstd.',
    });
  }
  try {
    return await inflater(bytes, { maxOutputLength });
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new MillraceError(
      tooLarge ? 'COMPRESSED_BATCH_TOO_LARGE' : 'RECORD_BATCH_CORRUPT',
      tooLarge ? `a compressed record batch grows beyond ${maxOutputLength} bytes` : 'a compressed record batch cannot be inflated',
      { cause, ...(tooLarge ? { hint: 'Let the producer send smaller batches.' } : {}) },
    );
  }
}

/** gzip for kafkajs's codec table: the stock one inflates without a limit. */
export const boundedGzip = () => ({
  compress: (encoder: { buffer: Buffer }): Promise<Buffer> => promisify(zlib.gzip as (bytes: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void)(encoder.buffer),
  decompress: (bytes: Buffer): Promise<Buffer> => inflate(COMPRESSION.gzip, bytes),
});
