import { crc32 } from 'node:zlib';
import type { Check, SeenRecord } from '../check.ts';
import type { OwnEvent } from '../avro/own-events.ts';
import type { Archive, ArchivedRow, Segment } from '../history/archive.ts';
import type { LogRange } from '../history/log-record.ts';
import { Column } from '../tables/column.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { OffsetBounds } from './offset-bounds.ts';

type Fields = OwnEvent['fields'];

/** Rows of the archive are records of the log: the same, each once, all up to the newest sealed file; at the end all. */
export class ArchiveCheck implements Check {
  readonly name = 'archive';
  readonly promise = 'the archive holds each vector and label of the log once and unchanged, in files without gap or overlap';
  readonly found: Violations;
  private readonly archive: Archive;
  private readonly prefix: string;
  private readonly bounds: Bounds;
  private readonly judged = new Map<string, OffsetBounds>();
  /** Of each partition, by offset from the first kept: sum of the rows that a record must have, and how many. */
  private readonly expected = new Map<string, { sums: Column<Uint32Array>; rows: Column<Uint8Array> }>();

  /** @param prefix of the workspace, with its dot */
  constructor(bounds: Bounds, archive: Archive, prefix: string) {
    this.found = new Violations(bounds);
    this.bounds = bounds;
    this.archive = archive;
    this.prefix = prefix;
  }

  record(record: SeenRecord, world: World): void {
    const { event, kind } = record;
    if (kind === 'feature-vectors' || kind === 'labels') this.judgedOf(record).take(record.offset, record.timestamp);
    if (event?.stem !== 'vector-computed' && event?.stem !== 'label-observed') return;
    const key = `${record.topic}/${record.partition}`;
    let table = this.expected.get(key);
    if (!table) this.expected.set(key, (table = { sums: new Column(Uint32Array), rows: new Column(Uint8Array) }));
    const rows = event.stem === 'vector-computed' ? vectorRows(event.fields) : [labelRow(event.fields)];
    const at = record.offset - world.range(record.topic, record.partition)!.low;
    table.sums.set(at, rows.reduce((sum, row) => crc32(row, sum), 0));
    table.rows.set(at, rows.length);
  }

  async end(world: World): Promise<void> {
    for (const range of [...world.rangesOfKind('feature-vectors'), ...world.rangesOfKind('labels')]) {
      const table = this.expected.get(`${range.topic}/${range.partition}`) ?? { sums: new Column(Uint32Array), rows: new Column(Uint8Array) };
      const segments = await this.archive.segments(this.prefix + range.topic, range.partition);
      this.files(range, segments);
      await this.rows(range, segments, table, world.settled);
    }
  }

  private judgedOf({ topic, partition }: { topic: string; partition: number }): OffsetBounds {
    const key = `${topic}/${partition}`;
    let judged = this.judged.get(key);
    if (!judged) this.judged.set(key, (judged = new OffsetBounds(this.bounds)));
    return judged;
  }

  private files(range: LogRange, segments: readonly Segment[]): void {
    const { topic, partition } = range;
    const judged = this.judgedOf(range);
    let next = 0;
    for (const { first, last } of segments) {
      const place = { topic, partition, offset: first, timestamp: Number.NaN };
      if (first > next && judged.overlaps(next, first - 1)) this.found.add(place, `begins a file, but the offsets from ${next} to ${first - 1} are in none`);
      if ((first < next || last < first) && judged.overlaps(first, Math.max(first, Math.min(last, next - 1)))) this.found.add(place, `begins a file to ${last}, but another one reaches to ${next - 1}`);
      next = Math.max(next, last + 1);
    }
  }

  private async rows(range: LogRange, segments: readonly Segment[], table: { sums: Column<Uint32Array>; rows: Column<Uint8Array> }, isSettled: boolean): Promise<void> {
    const { topic, partition, low, end } = range;
    const sums = new Column(Uint32Array);
    const counts = new Column(Uint8Array);
    const judged = this.judgedOf(range);
    const add = (offset: number, sentence: string): void => void (judged.has(offset) && this.found.add({ topic, partition, offset, timestamp: Number.NaN }, sentence));
    if (segments.length > 0)
      for await (const rows of this.archive.rows(segments.map(({ path }) => path)))
        for (const row of rows) {
          const offset = Number(row['log_offset']);
          if (offset >= end && isSettled) add(offset, `is in the archive, but the log ends before ${end}`);
          if (offset < low || offset >= end) continue;
          if (judged.has(offset)) this.found.seen++;
          const at = offset - low;
          if (table.rows.get(at) === 0) add(offset, 'is in the archive, but no committed record of the log stands there');
          sums.set(at, crc32(topic.startsWith('labels') ? archivedLabel(row) : archivedVector(row), sums.get(at)));
          counts.set(at, counts.get(at) + 1);
        }
    const sealed = Math.min(end, (segments.at(-1)?.last ?? -1) + 1);
    for (let offset = low; offset < sealed; offset++) {
      const at = offset - low;
      if (counts.get(at) < table.rows.get(at)) add(offset, `has ${table.rows.get(at)} rows in the log and ${counts.get(at)} in the archive`);
      else if (table.rows.get(at) > 0 && counts.get(at) > table.rows.get(at)) add(offset, `is ${counts.get(at)} times in the archive, ${table.rows.get(at)} times in the log`);
      else if (table.rows.get(at) > 0 && sums.get(at) !== table.sums.get(at)) add(offset, 'differs between log and archive');
    }
    if (!isSettled) return;
    for (let offset = Math.max(low, sealed); offset < end; offset++) if (table.rows.get(offset - low) > 0) add(offset, `is in no file of the archive; the newest ends before offset ${sealed}`);
  }
}

const vectorRows = ({ position, eventId, eventTime, acceptedAt, entityKeys, vectors }: Fields): Buffer[] =>
  vectors.map(({ featureSet, numeric, categorical }: Fields) => canonical([position, eventTime, acceptedAt], eventId, numeric, [featureSet, ...entityKeys, '\0', ...categorical]));

const labelRow = ({ position, eventId, value, labelTime, laneTime }: Fields): Buffer => canonical([position, labelTime, laneTime, value], eventId, [], []);

const archivedVector = (row: ArchivedRow): Buffer =>
  canonical([row['position'], row['event_time'], row['accepted_at']].map(Number), row['event_id'] as Uint8Array, row['numeric'] as number[], [row['feature_set'] as string, ...(row['entity_keys'] as string[]), '\0', ...(row['categorical'] as string[])]);

const archivedLabel = (row: ArchivedRow): Buffer => canonical([row['position'], row['label_time'], row['lane_time'], row['value']].map(Number), row['event_id'] as Uint8Array, [], []);

/** The same bytes for the same content, wherever it comes from; all NaN are one. */
function canonical(numbers: readonly number[], id: Uint8Array, floats: readonly number[], texts: readonly string[]): Buffer {
  const head = Buffer.from(Float64Array.from(numbers).buffer);
  const body = Buffer.from(Float32Array.from(floats, (value) => (Number.isNaN(value) ? Number.NaN : value)).buffer);
  return Buffer.concat([head, id, body, Buffer.from(JSON.stringify(texts))]);
}
