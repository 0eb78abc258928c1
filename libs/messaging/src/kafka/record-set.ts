import { crc32c } from '@node-rs/crc32';
import { MillraceError } from '@millrace/contracts';
import { AbortTracker, type AbortedTransaction } from './patches/abort-filter.ts';
import { inflate } from './patches/bounded-inflate.ts';

/** A record as it lies in the log. Buffers are views of the broker's answer: copy what is kept for long. */
export interface FetchedRecord {
  readonly offset: number;
  /** Append time, or what the producer set if the topic keeps create times; ms since epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  /** Of several headers with one name the last counts, as for Kafka's own clients. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

export interface RecordSet {
  records: FetchedRecord[];
  /** Offset behind the last batch, over control and aborted records. */
  next: number;
}

const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze(Object.create(null) as Record<string, Buffer>);
const BATCH_HEADER = 61;
const LENGTH_END = 12;
const CODEC = 7;
const APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;

/**
 * Decodes the record batches of a Fetch answer as `read_committed` sees them. Whole batches of aborted transactions are
 * stepped over undecoded (Apache Kafka, `CompletedFetch.java`). Layout: Kafka documentation, "Record Batch".
 *
 * @param from the offset that was asked for; a batch may begin before it
 * @param sparse whether offsets may be missing, as in compacted topics
 * @throws MillraceError `OFFSET_GAP`, `RECORD_BATCH_CORRUPT`, `COMPRESSION_UNSUPPORTED` or `COMPRESSED_BATCH_TOO_LARGE`
 * @example await decodeRecordSet(bytes, 17, [], false) // { records: [...], next: 25 }
 */
export async function decodeRecordSet(bytes: Buffer, from: number, aborted: readonly AbortedTransaction[], sparse: boolean): Promise<RecordSet> {
  const records: FetchedRecord[] = [];
  const aborts = aborted.length === 0 ? undefined : new AbortTracker(aborted);
  let next = from;
  let at = 0;
  // The last batch may be cut off where the answer's size limit fell.
  while (at + LENGTH_END <= bytes.length) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
    if (end > bytes.length) break;
    if (end < at + BATCH_HEADER || bytes[at + 16] !== 2) throw corrupt('is not of record format 2', next);
    if (bytes.readUInt32BE(at + 17) !== crc32c(bytes.subarray(at + 21, end))) throw corrupt('does not match its checksum', next);
    const base = int64(bytes, at);
    const attributes = bytes.readInt16BE(at + 21);
    const after = base + bytes.readInt32BE(at + 23) + 1;
    const count = bytes.readInt32BE(at + 57);
    if (!sparse && base > next) throw gap(next, base);
    if (!sparse && count !== after - base) throw gap(base + count, after);
    if (after > next) {
      const isHidden = aborts !== undefined && (attributes & TRANSACTIONAL) !== 0 && hides(aborts, bytes, at, end, after - 1, attributes);
      if (!isHidden && (attributes & CONTROL) === 0) {
        const codec = attributes & CODEC;
        const body = codec === 0 ? bytes.subarray(at + BATCH_HEADER, end) : await inflate(codec, bytes.subarray(at + BATCH_HEADER, end));
        const appendTime = (attributes & APPEND_TIME) === 0 ? undefined : int64(bytes, at + 35);
        new RecordCursor(body).readInto(records, { base, count, from, firstTimestamp: int64(bytes, at + 27), appendTime });
      }
      next = after;
    }
    at = end;
  }
  if (at === 0 && bytes.length > 0) throw corrupt('is incomplete', next);
  return { records, next };
}

/** Follows aborted transactions over one transactional batch and says whether it belongs to one. */
function hides(aborts: AbortTracker, bytes: Buffer, at: number, end: number, lastOffset: number, attributes: number): boolean {
  const producerId = bytes.readBigInt64BE(at + 43).toString();
  aborts.advance(lastOffset);
  if ((attributes & CONTROL) === 0) return aborts.has(producerId);
  aborts.end(producerId, new RecordCursor(bytes.subarray(at + BATCH_HEADER, end)).keyOfFirst());
  return false;
}

interface BatchFields {
  base: number;
  count: number;
  from: number;
  firstTimestamp: number;
  appendTime: number | undefined;
}

class RecordCursor {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  readInto(records: FetchedRecord[], { base, count, from, firstTimestamp, appendTime }: BatchFields): void {
    for (let i = 0; i < count; i++) {
      const end = this.varint() + this.at;
      // A length of a broken batch may be anything; what lies behind the end reads as nothing.
      if (!(end > this.at && end <= this.bytes.length)) throw corrupt('has a record that ends outside of it', base + i);
      this.at++;
      const timestamp = appendTime ?? firstTimestamp + this.varint();
      if (appendTime !== undefined) this.varint();
      const offset = base + this.varint();
      if (offset < from) {
        this.at = end;
        continue;
      }
      records.push({ offset, timestamp, key: this.block(), value: this.block(), headers: this.headers(end) });
      this.at = end;
    }
  }

  keyOfFirst(): Buffer | null {
    this.varint();
    this.at++;
    this.varint();
    this.varint();
    return this.block();
  }

  private headers(end: number): Readonly<Record<string, Buffer>> {
    const count = this.varint();
    if (count === 0) return NO_HEADERS;
    const headers = Object.create(null) as Record<string, Buffer>;
    for (let i = 0; i < count && this.at < end; i++) {
      const name = this.block()?.toString() ?? '';
      headers[name] = this.block() ?? Buffer.alloc(0);
    }
    return headers;
  }

  private block(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    return this.bytes.subarray(this.at, (this.at += length));
  }

  private varint(): number {
    const first = this.bytes[this.at++]!;
    if (first < 128) return (first >>> 1) ^ -(first & 1);
    let value = first & 127;
    let scale = 128;
    for (;;) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (!(byte > 127)) break;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Offsets and times are far below 2^53. */
export function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4);
}

function corrupt(what: string, offset: number): MillraceError {
  return new MillraceError('RECORD_BATCH_CORRUPT', `the record batch at offset ${offset} ${what}`, { hint: 'Check the disk and the log of the broker.' });
}

function gap(expected: number, found: number): MillraceError {
  return new MillraceError('OFFSET_GAP', `offsets ${expected} to ${found - 1} are missing and no control record explains it`, { hint: 'Records were deleted or compacted away; restore the topic before going on.' });
}
