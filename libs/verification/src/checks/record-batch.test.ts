import { describe, expect, it } from '@jest/globals';
import { batchRange, crc32c } from './record-batch.ts';

function batch(): Buffer {
  const bytes = Buffer.alloc(70);
  bytes.writeBigInt64BE(1234n, 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt8(2, 16);
  bytes.writeInt32BE(6, 23);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

describe('batchRange', () => {
  it('has the checksum of RFC 3720: 32 zero bytes', () => expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa));

  it('tells where a batch lies', () => expect(batchRange(batch(), false)).toEqual({ base: 1234, offsets: 7 }));

  it('believes the head alone where the rest was cut', () => expect(batchRange(batch().subarray(0, 61), true)).toEqual({ base: 1234, offsets: 7 }));

  it.each<[string, Buffer | null]>([
    ['nothing', null],
    ['too short a value', batch().subarray(0, 60)],
    ['a batch that was cut', batch().subarray(0, 65)],
    ['another format', Buffer.from(batch().map((byte, i) => (i === 16 ? 1 : byte)))],
    ['a flipped bit', Buffer.from(batch().map((byte, i) => (i === 66 ? byte ^ 4 : byte)))],
  ])('is none: %s', (_, bytes) => expect(batchRange(bytes, false)).toBeUndefined());
});
