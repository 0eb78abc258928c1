import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DuckDatabase } from './duck-database.ts';
import { labelColumns, vectorColumns, type ArchivedLabel, type ArchivedVector } from './segment-columns.ts';
import { SegmentWriter, type SegmentRecord } from './segment-writer.ts';

const label = (offset: number): SegmentRecord<ArchivedLabel> => ({
  offset,
  value: { eventId: Buffer.alloc(16, offset), value: offset % 2, labelTime: 1_000 + offset, position: 10 * offset, laneTime: 2_000 },
});

describe('a segment writer', () => {
  let root: string;
  let database: DuckDatabase;
  let clock: number;
  let writers: SegmentWriter<ArchivedLabel>[];

  const open = async (sealRows = 3): Promise<SegmentWriter<ArchivedLabel>> => {
    const writer = await SegmentWriter.open(root, {
      topic: 'labels.m', partition: 0, columns: labelColumns, sealRows, sealAgeMs: 1_000, now: () => clock, database,
    });
    writers.push(writer);
    return writer;
  };
  const names = async (): Promise<string[]> =>
    (await readdir(join(root, 'segments', 'labels.m', '0'))).map((name) => name.replace('.parquet', '').split('-').map(Number).join('-'));
  const query = async (sql: string): Promise<unknown[][]> => {
    const connection = await database.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson();
    } finally {
      connection.closeSync();
    }
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'segments-'));
    database = await DuckDatabase.open({ memoryLimitMb: 64 });
    clock = 0;
    writers = [];
  });
  afterEach(async () => {
    for (const writer of writers) await writer.close();
    await database.close();
    await rm(root, { recursive: true, force: true });
  });

  it('seals by rows, covers control records, and goes on after the last file', async () => {
    const writer = await open();
    expect(writer.nextOffset()).toBe(0);
    await writer.append(0, [label(1), label(2), label(4), label(5)], 8);
    expect(await names()).toEqual(['0-4']);
    expect([writer.nextOffset(), writer.sealedOffset()]).toEqual([8, 5]);
    await writer.seal();
    expect(await names()).toEqual(['0-4', '5-7']);
    expect((await open()).nextOffset()).toBe(8);
    expect(await query(`SELECT log_offset, position, value, label_time, lane_time FROM '${root}/segments/labels.m/0/*.parquet' ORDER BY 1`)).toEqual([
      ['1', '10', 1, '1001', '2000'],
      ['2', '20', 0, '1002', '2000'],
      ['4', '40', 0, '1004', '2000'],
      ['5', '50', 1, '1005', '2000'],
    ]);
  });

  it('seals by the age of its oldest record', async () => {
    const writer = await open(100);
    expect(await writer.sealIfDue()).toBe(false);
    await writer.append(0, [label(0)], 1);
    clock = 600;
    await writer.append(1, [label(1)], 2);
    clock = 999;
    expect(await writer.sealIfDue()).toBe(false);
    clock = 1_000;
    expect(await writer.sealIfDue()).toBe(true);
    clock = 5_000;
    expect(await writer.sealIfDue()).toBe(false);
    expect(await names()).toEqual(['0-1']);
  });

  it('loses what was not sealed, and is read on from there', async () => {
    const first = await open(2);
    await first.append(0, [label(0), label(1), label(2)], 3);
    await first.close();
    const second = await open(2);
    expect(second.nextOffset()).toBe(2);
    await second.append(2, [label(2), label(3)], 4);
    expect(await names()).toEqual(['0-1', '2-3']);
  });

  it('refuses to go on at another offset, and records out of order', async () => {
    const writer = await open(100);
    await expect(writer.append(1, [label(1)], 2)).rejects.toMatchObject({ code: 'ARCHIVE_GAP' });
    await writer.append(0, [label(0)], 1);
    await expect(writer.append(1, [label(2), label(1)], 3)).rejects.toMatchObject({ code: 'ARCHIVE_GAP' });
    await expect(writer.seal()).rejects.toMatchObject({ code: 'ARCHIVE_WRITER_CLOSED' });
  });

  it('stops when another writer has sealed the same offsets', async () => {
    const [first, second] = [await open(100), await open(100)];
    await first.append(0, [label(0)], 1);
    await second.append(0, [label(0), label(1)], 2);
    await second.seal();
    await expect(first.seal()).rejects.toMatchObject({ code: 'ARCHIVE_FENCED' });
    expect(await names()).toEqual(['0-1']);
  });

  it.each([
    ['missing', '0000000000000002-0000000000000003', 'ARCHIVE_GAP'],
    ['covered twice', '0000000000000000-0000000000000003', 'ARCHIVE_OVERLAP'],
  ])('does not start where offsets are %s', async (_, name, code) => {
    const writer = await open(100);
    await writer.append(0, [label(0)], 2);
    await writer.seal();
    await rm(join(root, 'segments', 'labels.m', '0', code === 'ARCHIVE_GAP' ? '0000000000000000-0000000000000001.parquet' : 'none'), { force: true });
    await writeFile(join(root, 'segments', 'labels.m', '0', `${name}.parquet`), '');
    await expect(open()).rejects.toMatchObject({ code });
  });

  it('says which segment could not be written', async () => {
    const writer = await open(100);
    await writer.append(0, [label(0)], 1);
    await rm(join(root, 'segments'), { recursive: true });
    await expect(writer.seal()).rejects.toMatchObject({ code: 'ARCHIVE_WRITE_FAILED', retriable: true });
  });

  it('keeps vectors bit for bit, one row per feature set, in chunks of any number', async () => {
    const writer = await SegmentWriter.open<ArchivedVector>(root, {
      topic: 'vectors.m', partition: 1, columns: vectorColumns, sealAgeMs: 1_000, now: () => clock, database,
    });
    const vector = (offset: number): ArchivedVector => ({
      eventId: Buffer.alloc(16, 7), entityKeys: ['SFO', 'LAX'], eventTime: 5, acceptedAt: 6, position: offset,
      vectors: [
        { featureSet: 'one', numeric: [Math.fround(0.1), NaN, -0, 1e-45], categorical: [] },
        { featureSet: 'two', numeric: [], categorical: ['é'] },
      ],
    });
    await writer.append(0, Array.from({ length: 2_500 }, (_, offset) => ({ offset, value: vector(offset) })), 2_500);
    await writer.seal();
    await writer.close();
    const file = `'${root}/segments/vectors.m/1/*.parquet'`;
    expect(await query(`SELECT feature_set, count(*), min(log_offset), max(log_offset), count(DISTINCT position) FROM ${file} GROUP BY 1 ORDER BY 1`)).toEqual([
      ['one', '2500', '0', '2499', '2500'],
      ['two', '2500', '0', '2499', '2500'],
    ]);
    const row = `SELECT hex(event_id), entity_keys, event_time, accepted_at, numeric[1] = 0.1::FLOAT, isnan(numeric[2]), signbit(numeric[3]), numeric[4] > 0, categorical FROM ${file}`;
    expect(await query(`${row} WHERE feature_set = 'one' LIMIT 1`)).toEqual([['07'.repeat(16), ['SFO', 'LAX'], '5', '6', true, true, true, true, []]]);
    expect(await query(`SELECT categorical FROM ${file} WHERE feature_set = 'two' LIMIT 1`)).toEqual([[['é']]]);
  });
});
