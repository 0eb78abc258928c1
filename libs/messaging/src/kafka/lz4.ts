import { copyBack } from './copy-back.ts';
import { corruptData, tooLarge } from './patches/inflate-errors.ts';

const FRAME_MAGIC = 0x184d2204;
const INDEPENDENT = 32;
const BLOCK_CHECKSUM = 16;
const CONTENT_SIZE = 8;
const CONTENT_CHECKSUM = 4;
const DICTIONARY = 1;
const UNCOMPRESSED = 0x80000000;

/** Output that grows as needed, never beyond a limit. */
interface Output {
  bytes: Buffer;
  used: number;
  readonly most: number;
}

/**
 * Decompresses one LZ4 frame. Its own checksums (xxHash) are stepped over: the batch around it has been checked by CRC-32C.
 * Formats: lz4/lz4 `doc/lz4_Frame_format.md` and `doc/lz4_Block_format.md`.
 *
 * @example unlz4(frame, 64 << 20) // the records of a batch
 * @throws MillraceError `RECORD_BATCH_CORRUPT`, or `COMPRESSED_BATCH_TOO_LARGE` when it grows beyond `most` bytes
 */
export function unlz4(bytes: Buffer, most: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== FRAME_MAGIC) throw corruptData('it is no LZ4 frame');
  const flags = bytes[4]!;
  const largest = 1 << (8 + 2 * ((bytes[5]! >>> 4) & 7));
  if (flags >>> 6 !== 1 || largest < 1 << 16) throw corruptData('the header of an LZ4 frame is broken');
  if ((flags & DICTIONARY) !== 0) throw corruptData('an LZ4 frame needs a dictionary');
  let at = 7 + ((flags & CONTENT_SIZE) === 0 ? 0 : 8);
  const out: Output = { bytes: Buffer.allocUnsafeSlow(Math.min(most, Math.max(1024, bytes.length * 4))), used: 0, most };
  for (;;) {
    if (at + 4 > bytes.length) throw corruptData('an LZ4 frame ends too early');
    const head = bytes.readUInt32LE(at);
    at += 4;
    if (head === 0) break;
    const size = head & ~UNCOMPRESSED;
    if (size > largest || at + size > bytes.length) throw corruptData('an LZ4 block ends outside of its frame');
    const start = out.used;
    if (head >= UNCOMPRESSED) append(out, bytes, at, at + size);
    else block(bytes, at, at + size, out, (flags & INDEPENDENT) === 0 ? 0 : start);
    if (out.used - start > largest) throw corruptData('an LZ4 block is larger than its frame allows');
    at += size + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (at + ((flags & CONTENT_CHECKSUM) === 0 ? 0 : 4) !== bytes.length) throw corruptData('bytes are left over behind an LZ4 frame');
  return out.bytes.subarray(0, out.used);
}

/** Sequences of literals and matches; a match reaches back to `window` at most. */
function block(bytes: Buffer, from: number, end: number, out: Output, window: number): void {
  let at = from;
  const longer = (length: number): number => {
    for (let byte = 255; byte === 255; length += byte) {
      if (at >= end) throw corruptData('an LZ4 length ends too early');
      byte = bytes[at++]!;
    }
    return length;
  };
  while (at < end) {
    const token = bytes[at++]!;
    const literals = token >>> 4 === 15 ? longer(15) : token >>> 4;
    if (at + literals > end) throw corruptData('an LZ4 literal ends outside of its block');
    append(out, bytes, at, at + literals);
    at += literals;
    // The last sequence has literals only.
    if (at === end) return;
    if (at + 2 > end) throw corruptData('an LZ4 match has no offset');
    const offset = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    const length = ((token & 15) === 15 ? longer(15) : token & 15) + 4;
    if (offset === 0 || out.used - offset < window) throw corruptData('an LZ4 match reaches outside of its block');
    reserve(out, length);
    out.used = copyBack(out.bytes, out.used, offset, length);
  }
  throw corruptData('an LZ4 block ends with a match');
}

function append(out: Output, bytes: Buffer, from: number, to: number): void {
  reserve(out, to - from);
  bytes.copy(out.bytes, out.used, from, to);
  out.used += to - from;
}

function reserve(out: Output, length: number): void {
  const needed = out.used + length;
  if (needed <= out.bytes.length) return;
  if (needed > out.most) throw tooLarge(out.most);
  const grown = Buffer.allocUnsafeSlow(Math.min(out.most, Math.max(needed, out.bytes.length * 2)));
  out.bytes.copy(grown, 0, 0, out.used);
  out.bytes = grown;
}
