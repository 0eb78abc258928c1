import { crc32c } from '@node-rs/crc32';
import { MillraceError } from '@millrace/contracts';
import { AbortTracker, type AbortedTransaction } from './patches/abort-filter.ts';
import { inflate } from './patches/bounded-inflate.ts';
import { corrupt, MOST_HEADERS, NO_HEADERS, RecordCursor, type FetchedRecord } from './record-cursor.ts';

export type { FetchedRecord, Poison } from './record-cursor.ts';

export interface RecordSet {
  records: FetchedRecord[];
  /** Offset behind the last batch, over control and aborted records; before records that were left for the next call. */
  next: number;
  /** Offset of a batch that does not match its checksum. It may be the network's fault, so it is to be fetched once more. */
  suspect?: number;
}

export interface DecodeOptions {
  /** Whether offsets may be missing, as in compacted topics. Default false. */
  sparse?: boolean;
  /** Offset behind the last one that can be read. Set: a batch that cannot be decoded is one poison record. Not set: it is an error. */
  poisonBefore?: number;
  /** `suspect` of the answer before: a batch there that does not match its checksum again is damaged in the log. */
  suspect?: number | undefined;
}

/** One call gives no more records than this, and decodes no further batch beyond so many headers or inflated bytes: the rest comes with the next fetch. */
const MOST_RECORDS = 1 << 15;
const INFLATED_ENOUGH = 16 << 20;

const BATCH_HEADER = 61;
const LENGTH_END = 12;
const CODEC = 7;
const APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;
const POISON = new Set(['RECORD_BATCH_CORRUPT', 'COMPRESSED_BATCH_TOO_LARGE', 'COMPRESSION_UNSUPPORTED']);

/**
 * Decodes the record batches of a Fetch answer as `read_committed` sees them. Whole batches of aborted transactions are
 * stepped over undecoded (Apache Kafka, `CompletedFetch.java`). Layout: Kafka documentation, "Record Batch".
 *
 * @param from the offset that was asked for; a batch may begin before it
 * @throws MillraceError `OFFSET_GAP`; without `poisonBefore`, and for a batch whose end cannot be told, also
 * `RECORD_BATCH_CORRUPT`, `COMPRESSION_UNSUPPORTED` or `COMPRESSED_BATCH_TOO_LARGE`
 * @example await decodeRecordSet(bytes, 17, []) // { records: [...], next: 25 }
 */
export async function decodeRecordSet(bytes: Buffer, from: number, aborted: readonly AbortedTransaction[], { sparse = false, poisonBefore, suspect }: DecodeOptions = {}): Promise<RecordSet> {
  const records: FetchedRecord[] = [];
  const aborts = aborted.length === 0 ? undefined : new AbortTracker(aborted);
  let next = from;
  let inflated = 0;
  let headers = 0;
  let at = 0;
  // The last batch may be cut off where the answer's size limit fell.
  while (at + LENGTH_END <= bytes.length) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8);
    if (end > bytes.length) break;
    const fault = frameFault(bytes, at, end);
    if (fault !== undefined) {
      if (suspect !== next) return { records, next, suspect: next };
      const after = poisonBefore === undefined ? undefined : endOfDamaged(bytes, at, end, next, poisonBefore);
      if (after === undefined) throw corrupt(fault, next);
      records.push(poisonRecord(bytes, at, end, next, after, corrupt(fault, next)));
      next = after;
      at = end;
      // It may have been the end of an aborted transaction: the next answer says which are still to be stepped over.
      if (aborts) return { records, next };
      continue;
    }
    const base = int64(bytes, at);
    const attributes = bytes.readInt16BE(at + 21);
    const after = base + bytes.readInt32BE(at + 23) + 1;
    const count = bytes.readInt32BE(at + 57);
    if (!sparse && base > next) throw gap(next, base);
    // The checksum does not cover the base offset; a batch that seems to be an old one would be passed over.
    if (!sparse && next > from && base < next) throw corrupt(`says that it begins at ${base}`, next);
    if (!sparse && count >= 0 && count < after - base) throw gap(base + count, after);
    // Also of what was read before: the end of an aborted transaction may stand there, and what comes behind it is committed.
    const isHidden = aborts !== undefined && (attributes & TRANSACTIONAL) !== 0 && hides(aborts, bytes, at, end, after - 1, attributes);
    if (after > next) {
      if (!isHidden && (attributes & CONTROL) === 0) {
        const codec = attributes & CODEC;
        if (records.length > 0 && (records.length + count > MOST_RECORDS || headers >= MOST_HEADERS || (codec !== 0 && inflated >= INFLATED_ENOUGH))) return { records, next };
        const before = records.length;
        try {
          if (count < 0 || count > after - base) throw corrupt(`claims to hold ${count} records`, base);
          const stored = bytes.subarray(at + BATCH_HEADER, end);
          const body = codec === 0 ? stored : await inflate(codec, stored);
          if (codec !== 0) inflated += body.length;
          const appendTime = (attributes & APPEND_TIME) === 0 ? undefined : int64(bytes, at + 35);
          const cursor = new RecordCursor(body);
          const reached = cursor.readInto(records, { base, count, after, sparse, firstTimestamp: int64(bytes, at + 27), appendTime }, from, MOST_RECORDS);
          headers += cursor.headerCountSoFar;
          if (reached !== after) return { records, next: reached };
        } catch (error) {
          records.length = before;
          if (poisonBefore === undefined || !(error instanceof MillraceError) || !POISON.has(error.code)) throw error;
          records.push(poisonRecord(bytes, at, end, Math.max(base, next), after, error));
        }
      }
      next = after;
    }
    at = end;
  }
  if (at === 0 && bytes.length > 0) throw corrupt('is incomplete', next);
  return { records, next };
}

/** What is wrong with the frame of a batch; undefined if it can be believed. */
function frameFault(bytes: Buffer, at: number, end: number): string | undefined {
  if (end < at + BATCH_HEADER) return 'is shorter than its header';
  if (bytes[at + 16] !== 2) return 'is not of record format 2';
  return bytes.readUInt32BE(at + 17) === crc32c(bytes.subarray(at + 21, end)) ? undefined : 'does not match its checksum';
}

/**
 * Offset behind a batch of which nothing can be believed: where the sound batch behind it begins; else what its own header says, if
 * that agrees with itself and with the log. Undefined if neither tells: to guess would lose records.
 */
function endOfDamaged(bytes: Buffer, at: number, end: number, next: number, most: number): number | undefined {
  if (end < at + BATCH_HEADER) return undefined;
  const behind = end + LENGTH_END <= bytes.length ? end + LENGTH_END + bytes.readInt32BE(end + 8) : Infinity;
  if (behind <= bytes.length && frameFault(bytes, end, behind) === undefined) {
    const base = int64(bytes, end);
    return base > next && base < most ? base : undefined;
  }
  const base = int64(bytes, at);
  const after = base + bytes.readInt32BE(at + 23) + 1;
  return base <= next && after > next && after <= most && bytes.readInt32BE(at + 57) === after - base ? after : undefined;
}

function poisonRecord(bytes: Buffer, at: number, end: number, offset: number, after: number, { code, message }: MillraceError): FetchedRecord {
  const time = int64(bytes, at + 35);
  return {
    offset, key: null, value: bytes.subarray(at, end), headers: NO_HEADERS,
    // Of a damaged batch it may be anything.
    timestamp: Number.isSafeInteger(time) && time > 0 ? time : 0,
    poison: { offsets: after - offset, code, reason: message },
  };
}

/** Follows aborted transactions over one transactional batch and says whether it belongs to one. */
function hides(aborts: AbortTracker, bytes: Buffer, at: number, end: number, lastOffset: number, attributes: number): boolean {
  const producerId = bytes.readBigInt64BE(at + 43).toString();
  aborts.advance(lastOffset);
  if ((attributes & CONTROL) === 0) return aborts.has(producerId);
  aborts.end(producerId, new RecordCursor(bytes.subarray(at + BATCH_HEADER, end)).keyOfFirst());
  return false;
}

/** Offsets and times are far below 2^53. */
export function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4);
}

function gap(expected: number, found: number): MillraceError {
  return new MillraceError('OFFSET_GAP', `offsets ${expected} to ${found - 1} are missing and no control record explains it`, { hint: 'Records were deleted or compacted away; restore the topic before going on.' });
}
