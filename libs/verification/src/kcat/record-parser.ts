/** A record as kcat prints it. */
export interface PrintedRecord {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch, as the topic's timestamp type says. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** `name=value,name=value` as raw bytes. */
  readonly headers: Buffer;
}

/** For kcat's `-f`: numbers and lengths in a line, then the bytes, then a word that nobody writes, since headers have no length. */
export const printFormat = (end: string): string => `%p %o %T %K %S\\n%k%s%h${end}`;

/** Cuts the output of kcat by {@link printFormat} into records, whatever its pieces are. */
export class RecordParser {
  private readonly end: Buffer;
  /** Pieces of a record that is not complete, and their bytes. */
  private rest: Buffer[] = [];
  private length = 0;
  /** Bytes that it takes at least: until then nothing is put together, however large it is. */
  private needed = 0;

  constructor(end: string) {
    this.end = Buffer.from(end);
  }

  /** Records that are complete with this piece. Their bytes are views. */
  add(piece: Buffer): PrintedRecord[] {
    this.rest.push(piece);
    this.length += piece.length;
    if (this.length < this.needed) return [];
    const bytes = this.rest.length > 1 ? Buffer.concat(this.rest) : piece;
    const records: PrintedRecord[] = [];
    let at = 0;
    this.needed = 0;
    for (;;) {
      const line = bytes.indexOf(10, at);
      if (line < 0) break;
      const [partition, offset, timestamp, keyLength, valueLength] = bytes.toString('latin1', at, line).split(' ').map(Number) as [number, number, number, number, number];
      const keyAt = line + 1;
      const valueAt = keyAt + Math.max(0, keyLength);
      const headersAt = valueAt + Math.max(0, valueLength);
      const stop = headersAt <= bytes.length ? bytes.indexOf(this.end, headersAt) : -1;
      if (stop < 0) {
        this.needed = headersAt + this.end.length - at;
        break;
      }
      records.push({
        partition, offset, timestamp, headers: bytes.subarray(headersAt, stop),
        key: keyLength < 0 ? null : bytes.subarray(keyAt, valueAt), value: valueLength < 0 ? null : bytes.subarray(valueAt, headersAt),
      });
      at = stop + this.end.length;
    }
    this.rest = [bytes.subarray(at)];
    this.length = bytes.length - at;
    return records;
  }
}
