import { createHash, type Hash } from 'node:crypto';

const CANONICAL_NAN = 0x7fc0_0000;

/**
 * SHA-256 over the rows of a data set in canonical form.
 *
 * Per row: event id (16 bytes), event time (int64 little-endian, ms), each feature (float32 little-endian, every NaN as 0x7fc00000),
 * label (1 byte). Nothing of where the row stood in log or files goes in, so the same facts give the same hash anywhere.
 *
 * @example
 * const hash = new DatasetHash(2);
 * hash.add(eventId, 978_307_200_000, Float32Array.of(1, NaN), 0, 1);
 * hash.digest();
 */
export class DatasetHash {
  private readonly hash: Hash = createHash('sha256');
  private readonly row: Buffer;
  private readonly width: number;

  constructor(width: number) {
    this.width = width;
    this.row = Buffer.alloc(16 + 8 + 4 * width + 1);
  }

  /** @param at index in `features` of the row's first feature */
  add(eventId: Uint8Array, eventTime: number, features: Float32Array, at: number, label: number): void {
    this.row.set(eventId, 0);
    this.row.writeBigInt64LE(BigInt(eventTime), 16);
    for (let n = 0; n < this.width; n += 1) {
      const value = features[at + n] ?? NaN;
      if (Number.isNaN(value)) this.row.writeUInt32LE(CANONICAL_NAN, 24 + 4 * n);
      else this.row.writeFloatLE(value, 24 + 4 * n);
    }
    this.row[this.row.length - 1] = label;
    this.hash.update(this.row);
  }

  /** The hash, hex. Ends the use of the object. */
  digest(): string {
    return this.hash.digest('hex');
  }
}
