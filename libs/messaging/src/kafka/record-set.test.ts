import { gzipSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { describe, expect, it } from '@jest/globals';
import { encodeProduceBody, type ProduceMessage } from './patches/slab-produce-body.ts';
import { decodeRecordSet } from './record-set.ts';

const TIME = 1_700_000_000_000;

interface BatchShape {
  base: number;
  messages?: ProduceMessage[];
  producerId?: number;
  transactional?: boolean;
  marker?: 'abort' | 'commit';
  /** Records that compaction took away behind the last one that is left. */
  missingBehind?: number;
  gzip?: boolean;
  appendTime?: number;
}

/** A batch as it lies in the log: encoded by the producer's side, then given what the broker adds. */
function batch({ base, messages = [], producerId = -1, transactional = false, marker, missingBehind = 0, gzip = false, appendTime }: BatchShape): Buffer {
  const content: ProduceMessage[] = marker ? [{ key: Buffer.from([0, 0, 0, marker === 'abort' ? 0 : 1]), value: Buffer.alloc(6) }] : messages;
  const isEmpty = content.length === 0;
  const body = encodeProduceBody({ acks: -1, timeout: 1, producerId, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: isEmpty ? [{ value: null }] : content }] }] }, TIME);
  let bytes = Buffer.from(body.subarray(body.length - body.readInt32BE(2 + 2 + 4 + 4 + 3 + 4 + 4)));
  if (isEmpty) {
    bytes = bytes.subarray(0, 61);
    bytes.writeInt32BE(0, 57);
  }
  if (gzip) bytes = Buffer.concat([bytes.subarray(0, 61), gzipSync(bytes.subarray(61))]);
  bytes.writeBigInt64BE(BigInt(base), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE((gzip ? 1 : 0) | (appendTime === undefined ? 0 : 8) | (transactional || marker ? 16 : 0) | (marker ? 32 : 0), 21);
  bytes.writeInt32BE(content.length - 1 + missingBehind, 23);
  if (appendTime !== undefined) bytes.writeBigInt64BE(BigInt(appendTime), 35);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

const say = (...texts: string[]): ProduceMessage[] => texts.map((text) => ({ key: `k-${text}`, value: text, timestamp: TIME }));
const decode = async (batches: Buffer[], from: number, aborted: [number, number][] = [], sparse = false) => {
  const { records, next } = await decodeRecordSet(Buffer.concat(batches), from, aborted.map(([producerId, firstOffset]) => ({ producerId: String(producerId), firstOffset: String(firstOffset) })), sparse);
  return { next, texts: records.map(({ offset, value }) => `${offset}:${String(value)}`), records };
};

describe('decodeRecordSet', () => {
  it('gives offsets, times, keys, tombstones and headers', async () => {
    const messages: ProduceMessage[] = [
      { key: null, value: 'first', timestamp: TIME + 5 },
      { key: Buffer.from([1, 2]), value: null, timestamp: TIME, headers: { a: 'x', b: ['old', 'new'], none: null } },
      { key: 'long', value: Buffer.alloc(70_000, 3), timestamp: TIME + 3e9, headers: { __proto__: 'no', ü: '' } },
    ];
    const { records, next } = await decode([batch({ base: 4_294_967_300, messages })], 4_294_967_300);
    expect(next).toBe(4_294_967_303);
    expect(records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([[4_294_967_300, TIME + 5], [4_294_967_301, TIME], [4_294_967_302, TIME + 3e9]]);
    expect(records.map(({ key }) => key)).toEqual([null, Buffer.from([1, 2]), Buffer.from('long')]);
    expect(records[1]!.value).toBeNull();
    expect({ ...records[1]!.headers }).toEqual({ a: Buffer.from('x'), b: Buffer.from('new'), none: Buffer.alloc(0) });
    expect(records[2]!.value).toEqual(Buffer.alloc(70_000, 3));
  });

  it('uses the append time where the topic keeps it', async () => {
    const { records } = await decode([batch({ base: 0, messages: say('a', 'b'), appendTime: 12_345 })], 0);
    expect(records.map(({ timestamp }) => timestamp)).toEqual([12_345, 12_345]);
  });

  it('leaves out records before the offset asked for and a batch that was cut off', async () => {
    const cut = batch({ base: 6, messages: say('g') });
    const { texts, next } = await decode([batch({ base: 2, messages: say('a', 'b', 'c') }), batch({ base: 5, messages: say('f') }), cut.subarray(0, 40)], 4);
    expect(texts).toEqual(['4:c', '5:f']);
    expect(next).toBe(6);
  });

  it('steps over control records and aborted transactions', async () => {
    const log = [
      batch({ base: 0, messages: say('a'), producerId: 1, transactional: true }),
      batch({ base: 1, messages: say('x', 'y'), producerId: 2, transactional: true }),
      batch({ base: 3, messages: say('z'), producerId: 3, transactional: true }),
      batch({ base: 4, marker: 'abort', producerId: 2 }),
      batch({ base: 5, messages: say('plain'), producerId: 3 }),
      batch({ base: 6, marker: 'commit', producerId: 1 }),
      batch({ base: 7, messages: say('b'), producerId: 2, transactional: true }),
      batch({ base: 8, marker: 'abort', producerId: 3 }),
      batch({ base: 9, marker: 'commit', producerId: 2 }),
    ];
    const { texts, next } = await decode(log, 0, [[3, 3], [2, 1]]);
    expect(texts).toEqual(['0:a', '5:plain', '7:b']);
    expect(next).toBe(10);
    // Asked for from inside of an aborted transaction.
    expect((await decode(log.slice(1), 2, [[3, 3], [2, 1]])).texts).toEqual(['5:plain', '7:b']);
  });

  it('refuses missing offsets, and allows them in compacted topics', async () => {
    const behind = [batch({ base: 3, messages: say('a') })];
    await expect(decode(behind, 2)).rejects.toMatchObject({ code: 'OFFSET_GAP' });
    const inside = [batch({ base: 0, messages: say('a', 'b'), missingBehind: 7 })];
    await expect(decode(inside, 0)).rejects.toMatchObject({ code: 'OFFSET_GAP' });
    expect(await decode(behind, 2, [], true)).toMatchObject({ texts: ['3:a'], next: 4 });
    // The position comes from the batch header: the last records of the batch may be gone.
    expect(await decode(inside, 0, [], true)).toMatchObject({ texts: ['0:a', '1:b'], next: 9 });
    expect(await decode([batch({ base: 0, missingBehind: 5 })], 0, [], true)).toMatchObject({ texts: [], next: 5 });
  });

  it('inflates gzip within its limit', async () => {
    expect((await decode([batch({ base: 0, messages: say('a', 'b'), gzip: true })], 0)).texts).toEqual(['0:a', '1:b']);
    await expect(decode([batch({ base: 0, messages: [{ value: Buffer.alloc(80 * 1024 * 1024) }], gzip: true })], 0)).rejects.toMatchObject({ code: 'COMPRESSED_BATCH_TOO_LARGE' });
  });

  it('refuses a batch that was changed on its way', async () => {
    const bytes = batch({ base: 0, messages: say('a') });
    bytes[bytes.length - 2]! ^= 1;
    await expect(decode([bytes], 0)).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });
});
