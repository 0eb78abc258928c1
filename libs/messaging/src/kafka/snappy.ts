import { copyBack } from './copy-back.ts';
import { corruptData, tooLarge } from './patches/inflate-errors.ts';

/** First bytes of the framing that the Java clients put around blocks (snappy-java, `SnappyOutputStream`): magic, then two versions. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER = 16;

/**
 * Decompresses snappy as Kafka clients write it: one raw block (librdkafka, Go), or blocks in the framing of snappy-java, each with
 * its length before it. Formats: google/snappy `format_description.txt`; xerial/snappy-java `SnappyOutputStream.java`.
 *
 * @example unsnappy(Buffer.from([3, 2 << 2, 97, 98, 99]), 100).toString() // 'abc'
 * @throws MillraceError `RECORD_BATCH_CORRUPT`, or `COMPRESSED_BATCH_TOO_LARGE` before anything larger than `most` bytes is allocated
 */
export function unsnappy(bytes: Buffer, most: number): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return block(bytes, most);
  if (bytes.length < XERIAL_HEADER) throw corruptData('a snappy stream ends in its header');
  const blocks: Buffer[] = [];
  let left = most;
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readInt32BE(at) : -1;
    if (end < at + 4 || end > bytes.length) throw corruptData('a snappy block ends outside of its stream');
    const plain = block(bytes.subarray(at + 4, end), left);
    blocks.push(plain);
    left -= plain.length;
    at = end;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

/** Length as a varint, then literals and copies of what was written before. */
function block(bytes: Buffer, most: number): Buffer {
  let size = 0;
  let at = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined || at > 5) throw corruptData('a snappy block has no length');
    size += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (size > most) throw tooLarge(most);
  // Three bytes make at most 64: a length beyond that is a lie, and not worth the memory.
  if (size > bytes.length * 22 + 64) throw corruptData('a snappy block claims more than it can hold');
  const out = Buffer.allocUnsafeSlow(size);
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    let length = (tag >>> 2) + 1;
    if ((tag & 3) === 0) {
      if (length > 60) {
        const extra = length - 60;
        if (at + extra > bytes.length) throw corruptData('a snappy literal has no length');
        length = bytes.readUIntLE(at, extra) + 1;
        at += extra;
      }
      if (at + length > bytes.length || to + length > size) throw corruptData('a snappy literal ends outside of its block');
      bytes.copy(out, to, at, at + length);
      at += length;
      to += length;
      continue;
    }
    let offset: number;
    const width = (tag & 3) === 3 ? 4 : tag & 3;
    if (at + width > bytes.length) throw corruptData('a snappy copy has no offset');
    if (width === 1) {
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | bytes[at]!;
    } else offset = bytes.readUIntLE(at, width);
    at += width;
    if (offset === 0 || offset > to || to + length > size) throw corruptData('a snappy copy reaches outside of its block');
    to = copyBack(out, to, offset, length);
  }
  if (to !== size) throw corruptData(`a snappy block holds ${to} bytes instead of ${size}`);
  return out;
}
