import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Source: Kafka, TransactionLogValue.json: version, producer id, epoch and timeout come before the status. */
const statusAt = 2 + 8 + 2 + 4;
const prepareAbort = 3;

/**
 * How many transactions the coordinator of a broker has aborted, at least, counted in its own log on disk: only there can it be seen. The log is
 * compacted from 4 MB on, so that of long runs some are missing.
 *
 * @param logDir data folder of the broker, with `__transaction_state-*` in it
 */
export function abortedTransactions(logDir: string): number {
  // A broker that did not start has none.
  if (!existsSync(logDir)) return 0;
  let aborted = 0;
  for (const folder of readdirSync(logDir).filter((name) => name.startsWith('__transaction_state-'))) {
    for (const file of readdirSync(join(logDir, folder)).filter((name) => name.endsWith('.log'))) {
      for (const value of values(readFileSync(join(logDir, folder, file)))) if (value.length > statusAt && value.readInt8(statusAt) === prepareAbort) aborted++;
    }
  }
  return aborted;
}

/** Values of all records of a segment, uncompressed as the coordinator writes them. Source: Kafka documentation, "Message format", record batch v2. */
function* values(log: Buffer): Iterable<Buffer> {
  for (let at = 0; at + 61 <= log.length; ) {
    const end = at + 12 + log.readInt32BE(at + 8);
    if (end > log.length) return;
    const records = log.readInt32BE(at + 57);
    const cursor = { at: at + 61 };
    for (let index = 0; index < records; index++) {
      const next = varint(log, cursor) + cursor.at;
      cursor.at += 1;
      varint(log, cursor);
      varint(log, cursor);
      const keyLength = varint(log, cursor);
      cursor.at += Math.max(0, keyLength);
      const length = varint(log, cursor);
      if (length > 0) yield log.subarray(cursor.at, cursor.at + length);
      cursor.at = next;
    }
    at = end;
  }
}

/** Zig-zag varint of at most 32 bits, Protocol Buffers encoding. */
function varint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[cursor.at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
}
