import { MillraceError } from '@millrace/contracts';

/** A record as it lies in the log. Buffers are views of the broker's answer: copy what is kept for long. */
export interface FetchedRecord {
  readonly offset: number;
  /** Append time, or what the producer set if the topic keeps create times; ms since epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** Null is a tombstone. Of a poison record: the batch as it lies in the log, from its base offset on. */
  readonly value: Buffer | null;
  /** Of several headers with one name the last counts, as for Kafka's own clients. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Set for a poison record: a whole batch that cannot be decoded. Only inputs that ask for it get one. */
  readonly poison?: Poison;
}

/** Why a batch cannot be decoded, and how much of the log it takes. */
export interface Poison {
  /** Offsets that it covers, from the record's on. */
  readonly offsets: number;
  /** RECORD_BATCH_CORRUPT, COMPRESSED_BATCH_TOO_LARGE or COMPRESSION_UNSUPPORTED. */
  readonly code: string;
  readonly reason: string;
}

/** What the header of a batch says that its records need. */
export interface BatchFields {
  readonly base: number;
  readonly count: number;
  /** Offset behind the batch. */
  readonly after: number;
  /** Whether offsets may be missing. */
  readonly sparse: boolean;
  readonly firstTimestamp: number;
  readonly appendTime: number | undefined;
}

export const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze(Object.create(null) as Record<string, Buffer>);

/**
 * Headers of one batch at most, of all its records together. Each costs more than a microsecond and a hundred bytes of memory, of which it
 * takes five in the batch: a batch of half a megabyte could hold millions. Those of producers have some ten bytes at least.
 */
export const MOST_HEADERS = 1 << 18;
const EMPTY = Buffer.alloc(0);

/** Reads the records of one batch, inflated. No length and no count in it is believed before it is held against the bytes. */
export class RecordCursor {
  private readonly bytes: Buffer;
  private at = 0;
  private headersRead = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /**
   * Checks all records and appends those from offset `from` on, `most` at the most.
   *
   * @returns offset of the first record that was left out behind them, else the one behind the batch
   * @throws MillraceError `RECORD_BATCH_CORRUPT`; what was appended then does not count
   */
  readInto(records: FetchedRecord[], { base, count, after, sparse, firstTimestamp, appendTime }: BatchFields, from: number, most: number): number {
    let next = after;
    let previous = base - 1;
    for (let i = 0; i < count; i++) {
      const end = this.varint() + this.at;
      if (!(end > this.at && end <= this.bytes.length)) throw corrupt('has a record that ends outside of it', base);
      this.at++;
      const delta = this.varint();
      const timestamp = appendTime ?? firstTimestamp + delta;
      const offset = base + this.varint();
      if (sparse ? !(offset > previous && offset < after) : offset !== previous + 1) throw corrupt('has records out of order', base);
      if (!Number.isSafeInteger(timestamp)) throw corrupt('has a record of an impossible time', base);
      previous = offset;
      if (offset < from || next !== after) this.skip(end);
      else if (records.length === most) {
        next = offset;
        this.skip(end);
      } else records.push({ offset, timestamp, key: this.block(end), value: this.block(end), headers: this.headers(end) });
      if (this.at !== end) throw corrupt('has a record whose fields do not fill it', base);
    }
    if (this.at !== this.bytes.length) throw corrupt(`has ${this.bytes.length - this.at} bytes left over behind its records`, base);
    return next;
  }

  /** Headers of the records up to here, also of those that were left out. */
  get headerCountSoFar(): number {
    return this.headersRead;
  }

  /** Key of a control record. */
  keyOfFirst(): Buffer | null {
    this.varint();
    this.at++;
    this.varint();
    this.varint();
    return this.block(this.bytes.length);
  }

  private skip(end: number): void {
    this.block(end);
    this.block(end);
    for (let left = this.headerCount(end); left > 0; left--) {
      this.headerName(end);
      this.block(end);
    }
  }

  private headers(end: number): Readonly<Record<string, Buffer>> {
    const count = this.headerCount(end);
    if (count === 0) return NO_HEADERS;
    const headers = Object.create(null) as Record<string, Buffer>;
    for (let i = 0; i < count; i++) {
      const name = this.headerName(end).toString();
      headers[name] = this.block(end) ?? EMPTY;
    }
    return headers;
  }

  private headerCount(end: number): number {
    const count = this.varint();
    // A header takes two bytes at least.
    if (count < 0 || count * 2 > end - this.at) throw corrupt('has a record with an impossible count of headers');
    this.headersRead += count;
    if (this.headersRead > MOST_HEADERS) throw corrupt(`has more than ${MOST_HEADERS} headers`);
    return count;
  }

  private headerName(end: number): Buffer {
    const name = this.block(end);
    if (name === null) throw corrupt('has a header without a name');
    return name;
  }

  private block(end: number): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    if (!(from + length <= end)) throw corrupt('has a field that ends outside of its record');
    return this.bytes.subarray(from, (this.at = from + length));
  }

  private varint(): number {
    const first = this.bytes[this.at++]!;
    if (first < 128) return (first >>> 1) ^ -(first & 1);
    let value = first & 127;
    let scale = 128;
    // No int64 takes more than ten bytes. Behind the end nothing is below 128.
    for (let length = 1; length < 10; length++) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw corrupt('has a number that does not end');
  }
}

/** What cannot be decoded. Whoever knows more of the place adds it. */
export function corrupt(what: string, offset?: number): MillraceError {
  return new MillraceError('RECORD_BATCH_CORRUPT', `the record batch ${offset === undefined ? '' : `at offset ${offset} `}${what}`, { hint: 'see docs/runbooks/record-batch-corrupt.md' });
}
