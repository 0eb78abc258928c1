import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ArchiveReader } from './archive-reader.ts';
import { DuckDatabase } from './duck-database.ts';
import { labelColumns, vectorColumns, type ArchivedLabel, type ArchivedVector, type SegmentColumns } from './segment-columns.ts';
import { segmentFolder } from './segment-name.ts';
import { SegmentWriter } from './segment-writer.ts';

const DAY_MS = 86_400_000;
const topics = { vectorsTopic: 'feature-vectors.m', labelsTopic: 'labels.m' };
const idOf = (event: number): Buffer => createHash('sha256').update(String(event)).digest().subarray(0, 16);
const slotOf = (event: number): number => event % 2;

/** Linear congruential generator of Numerical Recipes, in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const vector = (event: number, position: number, eventTime: number, numeric: number[] = [event, NaN], featureSet = 'set'): ArchivedVector => ({
  eventId: idOf(event), entityKeys: [], eventTime, acceptedAt: 0, position, vectors: [{ featureSet, numeric, categorical: [] }],
});
const label = (event: number, position: number, value: number, labelTime = position): ArchivedLabel => ({
  eventId: idOf(event), value, labelTime, position, laneTime: 0,
});

describe('the archive reader', () => {
  let root: string;
  let database: DuckDatabase;
  let archive: ArchiveReader;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'archive-'));
    database = await DuckDatabase.open();
    archive = new ArchiveReader(root);
  });
  afterEach(async () => {
    await archive.close();
    await database.close();
    await rm(root, { recursive: true, force: true });
  });

  /** Appends records to a slot; each leaves `holes` offsets as control records would, and files hold `sealRows`. */
  async function add<Value>(topic: string, slot: number, columns: SegmentColumns<Value>, values: readonly Value[], holes = 0, sealRows = 100): Promise<void> {
    const writer = await SegmentWriter.open(root, { topic, partition: slot, columns, sealRows, sealAgeMs: 0, now: () => 0, database });
    for (const value of values) {
      const from = writer.nextOffset();
      await writer.append(from, [{ offset: from + holes, value }], from + holes + 1);
    }
    await writer.seal();
    await writer.close();
  }
  const addVectors = (slot: number, values: ArchivedVector[], holes?: number, sealRows?: number): Promise<void> =>
    add(topics.vectorsTopic, slot, vectorColumns, values, holes, sealRows);
  const addLabels = (slot: number, values: ArchivedLabel[], holes?: number, sealRows?: number): Promise<void> =>
    add(topics.labelsTopic, slot, labelColumns, values, holes, sealRows);

  describe('finds the end of the labels', () => {
    const ask = { ...topics, since: -Infinity, newLabels: 3, slots: 2 };

    it('only when every slot is archived up to the boundary, whatever came first', async () => {
      // Events 0 to 5 are vectors at positions 0 to 5, labelled at positions 10 to 15: even ones in slot 0, odd ones in slot 1.
      expect(await archive.endOfLabels(ask)).toBeUndefined();
      await addVectors(0, [0, 2, 4].map((event) => vector(event, event, event)));
      await addVectors(1, [1, 3, 5].map((event) => vector(event, event, event)));
      await addLabels(0, [0, 2, 4].map((event) => label(event, 10 + event, 1)));
      // Three rows are labelled, but the labels at 11 and 13 of slot 1 are still on their way.
      expect(await archive.endOfLabels(ask)).toBeUndefined();
      await addLabels(1, [label(1, 11, 0)]);
      expect(await archive.endOfLabels(ask)).toBeUndefined();
      await addLabels(1, [label(3, 13, 0)]);
      // The newest vectors (4 and 5) lie before 12: a vector with an early label could still complete there.
      expect(await archive.endOfLabels(ask)).toBeUndefined();
      await addVectors(0, [vector(6, 16, 6)]);
      await addVectors(1, [vector(7, 17, 7)]);
      expect(await archive.endOfLabels(ask)).toEqual([{ slot: 0, position: 12 }, { slot: 1, position: 11 }]);
      await addLabels(0, [label(6, 18, 1), label(0, 19, 0)]);
      await addLabels(1, [label(5, 15, 1), label(7, 17, 1)]);
      expect(await archive.endOfLabels(ask)).toEqual([{ slot: 0, position: 12 }, { slot: 1, position: 11 }]);
    });

    it('counting a row when both its vector and its first label are there, and only once', async () => {
      // Event 0: labelled at 1, corrected at 2, vector at 6. Event 1: vector at 0, label at 3. Event 2 never gets a vector.
      await addLabels(0, [label(0, 1, 0), label(0, 2, 1), label(2, 4, 1), label(4, 9, 1)]);
      await addLabels(1, [label(1, 3, 1), label(3, 9, 1)]);
      await addVectors(0, [vector(0, 6, 0), vector(4, 8, 0), vector(6, 20, 0)]);
      await addVectors(1, [vector(1, 0, 0), vector(3, 7, 0), vector(5, 20, 0)]);
      const endAt = (newLabels: number): Promise<unknown> => archive.endOfLabels({ ...ask, newLabels });
      expect(await endAt(1)).toEqual([{ slot: 1, position: 3 }]);
      expect(await endAt(2)).toEqual([{ slot: 0, position: 6 }, { slot: 1, position: 3 }]);
      // Two rows complete at position 9: both are inside.
      expect(await endAt(3)).toEqual([{ slot: 0, position: 9 }, { slot: 1, position: 9 }]);
      expect(await endAt(5)).toBeUndefined();
    });

    it.each([1, 2, 3])('as a function of the lane, in whatever order its slots reach the archive (seed %i)', async (seed) => {
      const random = randomFrom(seed);
      // A lane of 60 positions: each brings a vector, a label (also a second one, also before its vector), both or nothing.
      const vectors: ArchivedVector[] = [];
      const labels: (ArchivedLabel & { readonly event: number })[] = [];
      for (let position = 0; position < 60; position += 1) {
        const judged = Math.max(0, position + Math.floor(random() * 24) - 18);
        if (random() < 0.6) vectors.push(vector(position, position, Math.floor(random() * 100)));
        if (random() < 0.6) labels.push({ ...label(judged, position, 1), event: judged });
      }
      for (const event of [1_000, 1_001]) {
        vectors.push(vector(event, event, 0));
        labels.push({ ...label(event, event, 1), event });
      }
      const since = 30;
      const newLabels = 8;
      const complete = vectors.flatMap((made) => {
        const first = labels.find(({ event }) => event === made.position);
        return first === undefined ? [] : [{ slot: slotOf(made.position), position: Math.max(made.position, first.position), counts: made.eventTime >= since }];
      });
      const boundary = complete.filter(({ counts }) => counts).map(({ position }) => position).sort((a, b) => a - b)[newLabels - 1] ?? NaN;
      const expected = [0, 1].map((slot) => ({
        slot,
        position: Math.max(...complete.filter((row) => row.slot === slot && row.position <= boundary).map(({ position }) => position)),
      }));

      const queues = [0, 1].flatMap((slot) => {
        const own = vectors.filter(({ position }) => slotOf(position) === slot);
        const judged = labels.filter(({ event }) => slotOf(event) === slot);
        return [
          { left: own.length, step: (n: number) => addVectors(slot, own.splice(0, n)) },
          { left: judged.length, step: (n: number) => addLabels(slot, judged.splice(0, n)) },
        ];
      });
      let answers = 0;
      for (let waiting = queues; waiting.length > 0; waiting = queues.filter(({ left }) => left > 0)) {
        const queue = waiting[Math.floor(random() * waiting.length)];
        const n = Math.min(queue?.left ?? 0, 1 + Math.floor(random() * 8));
        await queue?.step(n);
        if (queue !== undefined) queue.left -= n;
        const end = await archive.endOfLabels({ ...ask, since, newLabels });
        if (end === undefined) continue;
        expect(end).toEqual(expected);
        answers += 1;
      }
      expect(answers).toBeGreaterThan(0);
    });

    it('counting from an event time on, with all other rows before the boundary inside', async () => {
      await addVectors(0, [vector(0, 0, 100), vector(2, 2, 50), vector(4, 30, 0)]);
      await addVectors(1, [vector(1, 1, 100), vector(3, 3, 50), vector(5, 30, 0)]);
      await addLabels(0, [label(0, 10, 1), label(2, 12, 1), label(4, 31, 1)]);
      await addLabels(1, [label(1, 15, 1), label(3, 13, 1), label(5, 31, 1)].sort((a, b) => a.position - b.position));
      expect(await archive.endOfLabels({ ...ask, since: 100, newLabels: 2 })).toEqual([{ slot: 0, position: 12 }, { slot: 1, position: 15 }]);
      expect(await archive.labelCount({ ...topics, since: 100 })).toBe(2);
      expect(await archive.labelCount({ ...topics, since: -Infinity })).toBe(6);
    });

    it('asking the caller when the stream has paused', async () => {
      await addVectors(0, [vector(0, 0, 0)]);
      await addVectors(1, [vector(1, 1, 0)]);
      await addLabels(0, [label(0, 2, 1)], 1);
      await addLabels(1, [label(1, 3, 1)]);
      const asked: unknown[] = [];
      const paused = (answer: boolean): Promise<unknown> =>
        archive.endOfLabels({ ...ask, newLabels: 2, settled: (position, archived) => (asked.push(position, archived), answer) });
      expect(await paused(false)).toBeUndefined();
      expect(await paused(true)).toEqual([{ slot: 0, position: 2 }, { slot: 1, position: 3 }]);
      expect(asked[0]).toBe(3);
      expect(asked[1]).toContainEqual({ topic: 'labels.m', partition: 0, nextOffset: 2 });
    });

    it('refusing what has no answer', async () => {
      await expect(archive.endOfLabels({ ...ask, newLabels: 0 })).rejects.toMatchObject({ code: 'END_OF_LABELS_INVALID' });
      await expect(archive.endOfLabels({ ...ask, lanes: 2 })).rejects.toMatchObject({ code: 'SEVERAL_LANES' });
      await addLabels(1, [label(1, 3, 1)]);
      await expect(archive.endOfLabels({ ...ask, slots: 1 })).rejects.toMatchObject({ code: 'SLOTS_DIFFER' });
    });
  });

  describe('builds a data set', () => {
    const end = [{ slot: 0, position: 100 }, { slot: 1, position: 100 }];
    const ask = { ...topics, featureSet: 'set', windowMs: DAY_MS, end };

    it('in canonical order, with the last label, inside the end and the window', async () => {
      await addVectors(0, [
        vector(0, 0, DAY_MS), vector(2, 2, DAY_MS + 5, [0.1, 7]), vector(4, 4, 0), vector(6, 6, DAY_MS), vector(8, 8, 3 * DAY_MS), vector(10, 101, DAY_MS),
        vector(2, 9, DAY_MS + 6, [9, 9]),
      ]);
      await addVectors(1, [vector(1, 1, DAY_MS), vector(3, 3, 5), vector(5, 5, DAY_MS, [1, 2, 3], 'other')]);
      await addLabels(0, [
        label(0, 10, 1, 500), label(0, 11, 0, 400), // the later label time wins, though it came first
        label(2, 12, 0, 600), label(2, 13, 1, 600), // at the same time the later position wins
        label(4, 14, 1), // exactly one window older than the newest row's time minus 5: outside
        label(10, 15, 1), // its vector lies behind the end
        label(8, 101, 1), // the label lies behind the end, so its time does not move the window
        label(6, 102, 1), // behind the end
      ]);
      await addLabels(1, [label(1, 16, 0), label(3, 17, 1), label(5, 18, 1)]);
      const dataset = await archive.dataset(ask);

      const expected = [
        ...[0, 1].map((event) => ({ id: idOf(event), time: DAY_MS, features: [event, NaN], label: 1 - event })).sort((a, b) => Buffer.compare(a.id, b.id)),
        { id: idOf(2), time: DAY_MS + 5, features: [Math.fround(0.1), 7], label: 1 },
      ];
      expect([dataset.rows, dataset.width]).toEqual([3, 2]);
      expect(Buffer.from(dataset.eventIds)).toEqual(Buffer.concat(expected.map(({ id }) => id)));
      expect([...dataset.eventTimes]).toEqual(expected.map(({ time }) => time));
      expect([...dataset.features]).toEqual(expected.flatMap(({ features }) => features));
      expect([...dataset.labels]).toEqual(expected.map((row) => row.label));
      const hash = createHash('sha256');
      for (const row of expected) {
        const bytes = Buffer.alloc(24 + 8 + 1);
        row.id.copy(bytes);
        bytes.writeBigInt64LE(BigInt(row.time), 16);
        row.features.forEach((value, n) => (Number.isNaN(value) ? Buffer.from('0000c07f', 'hex').copy(bytes, 24 + 4 * n) : bytes.writeFloatLE(value, 24 + 4 * n)));
        bytes[32] = row.label;
        hash.update(bytes);
      }
      expect(dataset.hash).toBe(hash.digest('hex'));
    });

    it('whose hash depends on the facts alone, not on offsets, positions or files', async () => {
      const build = async (shift: number, holes: number, sealRows: number): Promise<string> => {
        await rm(join(root, 'segments'), { recursive: true, force: true });
        const events = Array.from({ length: 60 }, (_, event) => event);
        for (const slot of [0, 1]) {
          const own = events.filter((event) => slotOf(event) === slot);
          await addVectors(slot, own.map((event) => vector(event, event + shift, 7 * (event % 9))), holes, sealRows);
          await addLabels(slot, own.map((event) => label(event, 60 + event + shift, event % 3 === 0 ? 1 : 0, event)), holes, sealRows);
        }
        return (await archive.dataset({ ...ask, end: [{ slot: 0, position: 1_000 }, { slot: 1, position: 1_000 }] })).hash;
      };
      const hash = await build(0, 0, 100);
      expect(await build(13, 1, 7)).toBe(hash);
      await addLabels(0, [label(0, 300, 0, 300)]);
      expect((await archive.dataset({ ...ask, end: [{ slot: 0, position: 1_000 }, { slot: 1, position: 1_000 }] })).hash).not.toBe(hash);
    });

    it.each([
      ['labels that are no classes', [vector(0, 0, 0)], [label(0, 1, 0.5)], 'DATASET_INVALID'],
      ['vectors of two lengths', [vector(0, 0, 0), vector(2, 2, 0, [1])], [label(0, 1, 1), label(2, 3, 1)], 'DATASET_INVALID'],
      ['no labelled vector', [vector(0, 0, 0)], [label(2, 1, 1)], 'DATASET_EMPTY'],
    ])('unless there are %s', async (_, vectors, labels, code) => {
      await addVectors(0, vectors);
      await addLabels(0, labels);
      await expect(archive.dataset(ask)).rejects.toMatchObject({ code });
    });
  });

  it('refuses an archive with a hole, and one that cannot be read', async () => {
    await addVectors(0, [vector(0, 0, 0), vector(2, 2, 0), vector(4, 4, 0)], 0, 1);
    await addLabels(0, [label(0, 5, 1)]);
    const ask = { ...topics, featureSet: 'set', windowMs: DAY_MS, end: [{ slot: 0, position: 9 }] };
    expect((await archive.dataset(ask)).rows).toBe(1);
    const folder = segmentFolder(root, topics.vectorsTopic, 0);
    const names = (await readdir(folder)).sort();
    await writeFile(join(folder, names[2] ?? ''), 'no Parquet');
    await expect(archive.dataset(ask)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' });
    await rm(join(folder, names[1] ?? ''));
    await expect(archive.dataset(ask)).rejects.toMatchObject({ code: 'ARCHIVE_GAP' });
  });

  it('gives the rows of some days, day by day', async () => {
    await addVectors(0, [vector(0, 0, DAY_MS - 1), vector(2, 2, DAY_MS + 9), vector(4, 4, DAY_MS), vector(6, 6, 3 * DAY_MS), vector(8, 8, 4 * DAY_MS)]);
    await addLabels(0, [0, 2, 4, 6, 8].map((event) => label(event, 10 + event, event === 4 ? 1 : 0)));
    const days: unknown[] = [];
    for await (const day of archive.rowsBetween({ ...topics, featureSet: 'set', fromMs: DAY_MS, toMs: 4 * DAY_MS })) {
      days.push([day.dayMs, [...day.eventTimes], [...day.features], [...day.labels]]);
    }
    expect(days).toEqual([
      [DAY_MS, [DAY_MS, DAY_MS + 9], [4, NaN, 2, NaN], [1, 0]],
      [3 * DAY_MS, [3 * DAY_MS], [6, NaN], [0]],
    ]);
  });
});
