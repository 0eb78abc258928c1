/** Of a record batch before its records. */
const headBytes = 61;
const lengthEnd = 12;

/**
 * First offset and number of offsets of a record batch of format 2 as it lies in the log (https://kafka.apache.org/documentation/#recordbatch);
 * undefined where the bytes are none, or do not match their checksum.
 *
 * @param isCut whether only the beginning was kept: then neither length nor checksum can be judged
 */
export function batchRange(bytes: Buffer | null, isCut: boolean): { readonly base: number; readonly offsets: number } | undefined {
  if (bytes === null || bytes.length < headBytes || bytes[16] !== 2) return undefined;
  if (!isCut && (bytes.length !== lengthEnd + bytes.readInt32BE(8) || crc32c(bytes.subarray(21)) !== bytes.readUInt32BE(17))) return undefined;
  return { base: Number(bytes.readBigInt64BE(0)), offsets: bytes.readInt32BE(23) + 1 };
}

/** CRC-32C (Castagnoli), bit by bit: RFC 3720, appendix B.4; few batches are ever judged. */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
