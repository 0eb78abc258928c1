import { gzipSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { describe, expect, it } from '@jest/globals';
import { bomb, codecs, compressed, recordBatch, recordsBody, varint, withChecksum, type BatchShape, type Codec } from '@millrace/testing';
import { encodeProduceBody, type ProduceMessage } from './patches/slab-produce-body.ts';
import { decodeRecordSet, type FetchedRecord } from './record-set.ts';

const TIME = 1_700_000_000_000;

interface LogBatch {
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
function batch({ base, messages = [], producerId = -1, transactional = false, marker, missingBehind = 0, gzip = false, appendTime }: LogBatch): Buffer {
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
  const { records, next } = await decodeRecordSet(Buffer.concat(batches), from, aborted.map(([producerId, firstOffset]) => ({ producerId: String(producerId), firstOffset: String(firstOffset) })), { sparse });
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
    // An answer that begins before what is wanted: the end of an aborted transaction stands in what is passed over.
    expect((await decode(log, 5, [[3, 3], [2, 1]])).texts).toEqual(['5:plain', '7:b']);
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

  it('asks for a batch once more that was changed on its way, and refuses it when it is the same again', async () => {
    const damaged = batch({ base: 5, messages: say('b') });
    damaged[damaged.length - 2]! ^= 1;
    const bytes = Buffer.concat([batch({ base: 4, messages: say('a') }), damaged]);
    const first = await decodeRecordSet(bytes, 4, []);
    expect(first).toMatchObject({ next: 5, suspect: 5, records: [{ offset: 4 }] });
    await expect(decodeRecordSet(damaged, 5, [], { suspect: first.suspect })).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });

  it('refuses a batch of our own topics that claims another place than the log gives it', async () => {
    const misplaced = Buffer.concat([batch({ base: 4, messages: say('a') }), batch({ base: 1, messages: say('b') })]);
    await expect(decodeRecordSet(misplaced, 4, [])).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });
});

const records = (count: number): { key: Buffer; value: Buffer }[] => Array.from({ length: count }, (_, i) => ({ key: Buffer.from(`k${i}`), value: Buffer.from(`${i}`.repeat(20)) }));

describe('compression', () => {
  it.each<Exclude<Codec, 'none'>>(['gzip', 'snappy', 'lz4', 'zstd'])('%s is inflated, and its bombs are refused', async (codec) => {
    const plain = recordsBody(records(50));
    const { records: read } = await decodeRecordSet(recordBatch({ body: compressed(codec, plain), codec: codecs[codec], count: 50 }), 0, []);
    expect(read.map(({ value }) => String(value))).toEqual(records(50).map(({ value }) => String(value)));
    // Snappy cannot grow by more than 22 times, so its largest batch is no bomb.
    const length = codec === 'snappy' ? 1 << 20 : 24 << 20;
    const hostile = decodeRecordSet(recordBatch(bomb(codec, length)), 0, []);
    if (codec === 'snappy') expect((await hostile).records[0]!.value!.equals(Buffer.alloc(length))).toBe(true);
    else await expect(hostile).rejects.toMatchObject({ code: 'COMPRESSED_BATCH_TOO_LARGE' });
  }, 30_000);

  // As Apache Kafka 4.3.1's own client wrote them and a broker kept them.
  it.each([
    ['snappy, in the framing of snappy-java', '0000000000000000000000ca0000000002e0296643000a00000005000001a1fceb8b85000001a1fceb8c7b00000000000000060000000000000000000682534e41505059000000000100000001000000859c02b814000000046b30043020003200f20202046b312031206f6e652074776f20746872656520004e00f20204046b323c323a1a003a2800246a00f20206046b3358333a1a00362800360e002c00860100f20208046b3474343a1b003629006e0e000400a40145180a046b35900135722a006e4600386f6e652074776f2074687265652000'],
    ['LZ4', '0000000000000000000000b10000000002f739ceb8000b00000005000001a1fceb8d2a000001a1fceb8dc400000000000000070000000000000000000604224d1860408271000000fb2014000000046b30043020003200aa0102046b312031206f6e652074776f20746872656520004e00aa0104046b323c321a000b2800af6a00aa0106046b33583328000a0b3600bf860100aa0108046b3474343700180b450010a445007f0a046b3590013546002606540050726565200000000000'],
  ])('of the Java client is read: %s', async (_, hex) => {
    const { records: read } = await decodeRecordSet(Buffer.from(hex, 'hex'), 0, []);
    expect(read.map(({ key, value }) => `${String(key)}=${String(value)}`)).toEqual(Array.from({ length: 6 }, (_, i) => `k${i}=${i} ${'one two three '.repeat(i)}`));
  });

  it('allocates nothing for a length that a snappy block only claims', async () => {
    const claims = recordBatch({ body: Buffer.from([0xff, 0xff, 0xff, 0x03, 0]), codec: codecs.snappy, count: 1 });
    await expect(decodeRecordSet(claims, 0, [])).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });

  it('inflates no further batches than a fetch should bring, and goes on where it stopped', async () => {
    const large = Buffer.concat([0, 1, 2, 3].map((base) => recordBatch({ ...bomb('zstd', 7 << 20), base })));
    const { records: first, next } = await decodeRecordSet(large, 0, []);
    expect([first.length, next]).toEqual([3, 3]);
    expect(await decodeRecordSet(large, next, [])).toMatchObject({ next: 4, records: [{ offset: 3 }] });
  }, 30_000);

  it('gives the records of a batch of very many in pieces', async () => {
    const flood = recordBatch({ body: compressed('zstd', recordsBody(Array.from({ length: 70_000 }, () => ({ value: null })))), codec: codecs.zstd, count: 70_000 });
    const seen: number[] = [];
    const pieces: number[] = [];
    for (let next = 0; next < 70_000; ) {
      const set = await decodeRecordSet(flood, next, []);
      pieces.push(set.records.length);
      for (const { offset } of set.records) seen.push(offset);
      next = set.next;
    }
    expect(seen).toEqual(Array.from({ length: 70_000 }, (_, i) => i));
    expect(Math.max(...pieces)).toBeLessThanOrEqual(32_768);
  }, 30_000);
});

describe('headers', () => {
  const flooded = (count: number, records = 1): BatchShape => ({
    body: compressed('zstd', recordsBody(Array.from({ length: records }, () => ({ value: null, headers: Array.from({ length: count / records }, (_, i) => [i.toString(36), null] as const) })))), codec: codecs.zstd, count: records,
  });

  it.each([1, 50])('of a batch are read up to a quarter of a million; a batch with more is poison, in %d records', async (count) => {
    const most = 2 ** 18 - (2 ** 18 % count);
    const { records: read } = await decodeRecordSet(recordBatch(flooded(most, count)), 0, []);
    expect(read.map(({ headers }) => Object.keys(headers).length)).toEqual(Array(count).fill(most / count));
    const poison = await decodeRecordSet(recordBatch(flooded(most + count * 10, count)), 0, [], { poisonBefore: count });
    expect(poison).toMatchObject({ next: count, records: [{ offset: 0, poison: { offsets: count, code: 'RECORD_BATCH_CORRUPT' } }] });
  });

  it('of many batches are read in pieces', async () => {
    const bytes = Buffer.concat([0, 1, 2].map((base) => recordBatch({ ...flooded(200_000), base })));
    const { records: first, next } = await decodeRecordSet(bytes, 0, []);
    expect([first.length, next]).toEqual([2, 2]);
    expect(await decodeRecordSet(bytes, next, [])).toMatchObject({ next: 3, records: [{ offset: 2 }] });
  }, 30_000);
});

describe('a batch that cannot be decoded', () => {
  const before = recordBatch({ records: records(2), base: 10 });
  const behind = recordBatch({ records: records(2), base: 15 });
  const between = (shape: BatchShape): Buffer => recordBatch({ base: 12, ...shape });
  const three = recordsBody(records(3));
  const decoded = (bytes: Buffer, poisonBefore = 17) => decodeRecordSet(bytes, 10, [], { poisonBefore });
  /** As a reader does it: what is left for the next fetch is fetched. */
  const readAll = async (bytes: Buffer): Promise<FetchedRecord[]> => {
    const read: FetchedRecord[] = [];
    for (let from = 10; from < 17; ) {
      const { records: some, next } = await decodeRecordSet(bytes, from, [], { poisonBefore: 17 });
      expect(next).toBeGreaterThan(from);
      read.push(...some);
      from = next;
    }
    return read;
  };
  const record = (...fields: (Buffer | number[])[]): Buffer => {
    const body = Buffer.concat(fields.map((field) => Buffer.from(field)));
    return Buffer.concat([varint(body.length), body]);
  };
  const one = (body: Buffer): BatchShape => ({ body, count: 1, lastOffsetDelta: 0 });

  it.each<[string, BatchShape]>([
    ['of an unknown codec', { records: records(3), codec: 6 }],
    ['of data that is no gzip', { body: Buffer.from('no gzip'), codec: codecs.gzip, count: 3 }],
    ['of cut zstd', { body: compressed('zstd', three).subarray(0, -9), codec: codecs.zstd, count: 3 }],
    ['of LZ4 that reaches before its start', { body: Buffer.from('04224d18607073040000001041ff00', 'hex'), codec: codecs.lz4, count: 3 }],
    ['of snappy that reaches before its start', { body: Buffer.from([8, 0, 65, 1 | (1 << 2), 9]), codec: codecs.snappy, count: 3 }],
    ['that claims too many records', { body: three, count: 2_000_000_000, lastOffsetDelta: 2 }],
    ['that claims a negative count', { body: three, count: -3, lastOffsetDelta: 2 }],
    ['with bytes behind its records', { body: Buffer.concat([three, Buffer.from('x')]), count: 3 }],
    ['with two records of one offset', { body: Buffer.concat([recordsBody(records(2)), recordsBody(records(1))]), count: 3 }],
    ['with a record that is longer than the batch', { body: Buffer.concat([three.subarray(0, -1), Buffer.alloc(0)]), count: 3 }],
  ])('%s is one poison record with its bytes and offsets, and those around it are read', async (_, shape) => {
    const hostile = between(shape);
    const read = await readAll(Buffer.concat([before, hostile, behind]));
    expect(read.map(({ offset, poison }) => [offset, poison?.offsets])).toEqual([[10, undefined], [11, undefined], [12, 3], [15, undefined], [16, undefined]]);
    expect(read[2]!.value).toEqual(hostile);
    await expect(decodeRecordSet(hostile, 12, [])).rejects.toMatchObject({ code: expect.stringMatching(/RECORD_BATCH_CORRUPT|COMPRESSION_UNSUPPORTED/) });
  });

  it.each<[string, Buffer]>([
    ['a key that ends behind it', record([0, 0, 0], varint(40), [1, 0])],
    ['a value that ends behind it', record([0, 0, 0, 1], varint(40), [1, 0])],
    ['more headers than bytes', record([0, 0, 0, 1, 1], varint(60))],
    ['a negative count of headers', record([0, 0, 0, 1, 1], varint(-3))],
    ['a header without a name', record([0, 0, 0, 1, 1, 2, 1, 1])],
    ['a number that does not end', record([0, 0, 0], Buffer.alloc(40, 255))],
    ['an impossible time', record([0], varint(2 ** 52), [0, 1, 1, 0])],
    ['fields that do not fill it', record([0, 0, 0, 1, 1, 0, 7, 7])],
  ])('may have a record with %s', async (_, body) => {
    const hostile = recordBatch({ base: 12, timestamp: 2 ** 53 - 1, ...one(body) });
    const { records: read } = await decoded(Buffer.concat([before, hostile]), 13);
    expect(read.at(-1)).toMatchObject({ offset: 12, value: hostile, poison: { offsets: 1, code: 'RECORD_BATCH_CORRUPT' } });
  });

  it('ends, when its checksum is wrong, where the batch behind it begins', async () => {
    const damaged = between({ records: records(3) });
    damaged.writeInt32BE(1000, 23);
    const bytes = Buffer.concat([before, damaged, behind]);
    expect(await decoded(bytes)).toMatchObject({ next: 12, suspect: 12 });
    const { records: read, next } = await decodeRecordSet(Buffer.concat([damaged, behind]), 12, [], { poisonBefore: 17, suspect: 12 });
    expect(read.map(({ offset, poison }) => [offset, poison?.offsets])).toEqual([[12, 3], [15, undefined], [16, undefined]]);
    expect(next).toBe(17);
  });

  it('ends, when its checksum is wrong and nothing is behind it, where its header says if that can be', async () => {
    const damaged = between({ records: records(3) });
    damaged[70]! ^= 1;
    expect(await decodeRecordSet(damaged, 12, [], { poisonBefore: 15, suspect: 12 })).toMatchObject({ next: 15, records: [{ offset: 12, poison: { offsets: 3 } }] });
    // Behind the end of the log: what its header says is not true.
    await expect(decodeRecordSet(damaged, 12, [], { poisonBefore: 14, suspect: 12 })).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
    damaged.writeInt32BE(77, 57);
    await expect(decodeRecordSet(damaged, 12, [], { poisonBefore: 100, suspect: 12 })).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });

  it('may be the end of an aborted transaction: what its producer has committed behind it comes with the next answer', async () => {
    const marker = batch({ base: 1, marker: 'abort', producerId: 2 });
    marker[marker.length - 1]! ^= 1;
    const committed = batch({ base: 2, messages: say('b'), producerId: 2, transactional: true });
    const end = batch({ base: 3, marker: 'commit', producerId: 2 });
    const aborted = batch({ base: 0, messages: say('x'), producerId: 2, transactional: true });
    const aborts = [{ producerId: '2', firstOffset: '0' }];
    const { records: read, next } = await decodeRecordSet(Buffer.concat([aborted, marker, committed, end]), 0, aborts, { poisonBefore: 4, suspect: 1 });
    expect(read.map(({ offset, poison }) => [offset, poison?.offsets])).toEqual([[1, 1]]);
    expect(next).toBe(2);
    expect((await decodeRecordSet(Buffer.concat([committed, end]), next, [], { poisonBefore: 4 })).records.map(({ offset }) => offset)).toEqual([2]);
  });

  it('is passed over in an aborted transaction', async () => {
    const hostile = withChecksum(between({ body: Buffer.from('none'), count: 3, attributes: 16 }));
    const { records: read } = await decodeRecordSet(Buffer.concat([before, hostile, behind]), 10, [{ producerId: '-1', firstOffset: '12' }], { poisonBefore: 17 });
    expect(read.map(({ offset }) => offset)).toEqual([10, 11, 15, 16]);
  });
});
