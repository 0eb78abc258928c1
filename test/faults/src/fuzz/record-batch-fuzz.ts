import { decodeRecordSet, type FetchedRecord } from '@millrace/messaging';
import { bomb, codecs, compressed, recordBatch, recordsBody, varint, withChecksum, type BatchRecord, type BatchShape, type Codec } from '@millrace/testing';
import { Random } from '../random.ts';
import { randomBytes } from './avro-sample.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';

type Packed = Exclude<Codec, 'none'>;

/** What is done to the batch in the middle. */
const attacks = ['none', 'records', 'compressed', 'header', 'anywhere', 'cut', 'bomb', 'headers', 'varints'] as const;
type Attack = (typeof attacks)[number];

const first = 100;
const packedCodecs: readonly Packed[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const headerFields = [22, 23, 24, 26, 27, 34, 35, 43, 51, 57, 58, 60];

/**
 * Fetch answers of three batches, of which the one in the middle is hostile, through the decoder of the log. Where the frame of that batch is
 * sound, as a broker makes sure, every offset must come exactly once: by a record, or by a poison record that covers it.
 */
export function recordBatchFuzz(): FuzzTarget {
  const flood = floodOf(300_000);
  const bombs = new Map(packedCodecs.map((codec) => [codec, [...[9, 24].map((megabytes) => bomb(codec, megabytes << 20)), { body: compressed(codec, flood), codec: codecs[codec], count: 1 }]]));
  return {
    codes: new Set(['RECORD_BATCH_CORRUPT', 'COMPRESSED_BATCH_TOO_LARGE', 'COMPRESSION_UNSUPPORTED', 'OFFSET_GAP']),
    prepare(seed, run) {
      const random = new Random('record-batch', seed, run);
      const attack = random.chance(0.02) ? 'bomb' : random.pick(attacks.filter((one) => one !== 'bomb'));
      const codec = attack === 'bomb' ? random.pick(packedCodecs) : random.pick(Object.keys(codecs) as Codec[]);
      const count = random.whole(1, 12);
      const shape: BatchShape = attack === 'bomb' ? random.pick(bombs.get(codec as Packed)!) : { count, codec: codecs[codec], body: bodyOf(attack, codec, count, random) };
      const hostile = spoilt(attack, recordBatch({ ...shape, base: first + 2 }), random);
      const behind = first + 2 + shape.count!;
      const end = behind + 2;
      const good = (base: number): Buffer => recordBatch({ base, records: draw(2, random) });
      const bytes = Buffer.concat([good(first), hostile, ...(attack === 'cut' ? [] : [good(behind)])]);
      const poisons = random.chance(0.8);
      // Those that change header fields or bytes at random break the promise of the broker; the others must lose nothing.
      const framed = attack !== 'header' && attack !== 'anywhere' && attack !== 'cut';
      return {
        what: `${attack} ${codec} ${bytes.length} bytes: ${hostile.toString('hex').slice(0, 400)}`,
        execute: () => readAll(bytes, end, poisons),
        judge(value, error) {
          if (error !== undefined) return framed && poisons ? `refused although its frame is sound: ${error.message}` : attack === 'none' ? `a sound batch is refused: ${error.message}` : undefined;
          return misread(value as FetchedRecord[], end, framed, attack === 'none');
        },
      };
    },
  };
}

/** Reads as `PartitionReader` does: what is left is asked for again, from the first batch that holds it. */
async function readAll(bytes: Buffer, end: number, poisons: boolean): Promise<FetchedRecord[]> {
  const read: FetchedRecord[] = [];
  let suspect: number | undefined;
  let from = first;
  let rest = bytes;
  for (let stuck = 0; from < end && stuck < 2; ) {
    const set = await decodeRecordSet(rest, from, [], { suspect, ...(poisons ? { poisonBefore: end } : {}) });
    read.push(...set.records);
    stuck = set.next > from ? 0 : stuck + 1;
    ({ next: from, suspect } = set);
    rest = fromBatchOf(rest, from);
  }
  return read;
}

/** A broker answers from the batch on that holds the offset. */
function fromBatchOf(bytes: Buffer, offset: number): Buffer {
  for (let at = 0; at + 61 <= bytes.length; at += 12 + Math.max(49, bytes.readInt32BE(at + 8))) {
    if (Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + 23) >= offset) return bytes.subarray(at);
  }
  return Buffer.alloc(0);
}

function misread(records: readonly FetchedRecord[], end: number, framed: boolean, isSound: boolean): string | undefined {
  let next = first;
  for (const { offset, poison } of records) {
    if (offset < next) return `offset ${offset} comes again`;
    if (framed && offset > next) return `offsets ${next} to ${offset - 1} are left out`;
    if (isSound && poison) return `a sound batch is poison: ${poison.reason}`;
    if (offset < first + 2 && poison) return 'the sound batch before it is poison';
    next = offset + (poison?.offsets ?? 1);
  }
  if (next > end) return `it reads up to ${next}, behind the end at ${end}`;
  return framed && next !== end ? `it ends at ${next} instead of ${end}` : undefined;
}

/** One record with nothing but headers, all of them without a text. */
function floodOf(headers: number): Buffer {
  const record = Buffer.concat([Buffer.from([0, 0, 0, 1, 1]), varint(headers), Buffer.alloc(2 * headers, Buffer.from([0, 1]))]);
  return Buffer.concat([varint(record.length), record]);
}

function bodyOf(attack: Attack, codec: Codec, count: number, random: Random): Buffer {
  const plain = recordsBody(draw(count, random));
  switch (attack) {
    case 'records': return compressed(codec, mutate(plain, [0, 1, 2, 3, 4, 5], random));
    case 'compressed': return mutate(compressed(codec, plain), [0, 4, 8], random);
    // Thousands of headers, or a count that says so.
    case 'headers': return compressed(codec, random.chance(0.5)
      ? recordsBody([{ value: null, headers: Array.from({ length: random.whole(1000, 5000) }, (_, i) => [random.chance(0.1) ? '__proto__' : String(i), null] as const) }, ...draw(count - 1, random)])
      : Buffer.concat([varint(10), Buffer.from([0, 0, 0, 1, 1]), varint(random.whole(3, 2 ** 31 - 1)), Buffer.alloc(5)]));
    case 'varints': return compressed(codec, Buffer.concat([varint(random.whole(1, 4000)), Buffer.from([0]), Buffer.alloc(random.whole(1, 4000), 255), Buffer.from([0])]));
    default: return compressed(codec, plain);
  }
}

function spoilt(attack: Attack, batch: Buffer, random: Random): Buffer {
  if (attack === 'header') {
    for (let left = random.whole(1, 3); left > 0; left--) batch[random.pick(headerFields)] = random.whole(0, 255);
    return withChecksum(batch);
  }
  if (attack === 'anywhere') return mutate(batch, [0, 8, 12, 16, 17, 21, 23, 57], random);
  return attack === 'cut' ? batch.subarray(0, random.whole(0, batch.length)) : batch;
}

function draw(count: number, random: Random): BatchRecord[] {
  return Array.from({ length: count }, () => ({
    key: random.pick([null, Buffer.alloc(0), Buffer.alloc(4), Buffer.from('key')]),
    value: random.chance(0.1) ? null : randomBytes(random, random.whole(0, 60)),
    headers: random.chance(0.3) ? [['a', Buffer.from('x')], ['a', null]] : [],
  }));
}
