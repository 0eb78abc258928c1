import type { DuckDBConnection } from '@duckdb/node-api';
import { MillraceError } from '@millrace/contracts';

import { DatasetHash } from './dataset-hash.ts';
import { DuckDatabase, sqlText, sqlWhole } from './duck-database.ts';
import { endOfLabelsSql, newestPositionsSql, type ArchivedTo, type EndOfLabelsQuery, type SlotEnd } from './end-of-labels.ts';
import { labelledRowsSql, type Dataset, type DatasetQuery, type DayRows, type LabelledTopics, type RowsBetweenQuery } from './labelled-rows.ts';
import { RowCollector, visitLabelledRows } from './row-collector.ts';
import { labelColumns, vectorColumns, type SegmentColumns } from './segment-columns.ts';
import { listPartitions, listSegments } from './segment-name.ts';

const DAY_MS = 86_400_000;

export interface ArchiveReaderOptions {
  /** Bound of DuckDB's memory; beyond it spills to disk. Default 256. */
  memoryLimitMb?: number;
  /** Where to spill; a temporary folder by default. */
  spillFolder?: string;
}

interface Sources {
  readonly vectors: string;
  readonly labels: string;
  readonly archived: readonly ArchivedTo[];
}

/**
 * Reads sealed segments below a root.
 *
 * Every call first checks that the segments of each partition cover their offsets without gap or overlap (ARCHIVE_GAP,
 * ARCHIVE_OVERLAP); a file that cannot be read gives ARCHIVE_UNREADABLE.
 *
 * @example
 * const archive = new ArchiveReader(root);
 * const end = await archive.endOfLabels({ vectorsTopic, labelsTopic, since: -Infinity, newLabels: 40_000, slots: 2 });
 * if (end) console.log((await archive.dataset({ vectorsTopic, labelsTopic, featureSet, windowMs: 28 * 86_400_000, end })).hash);
 * await archive.close();
 */
export class ArchiveReader {
  private readonly root: string;
  private readonly options: ArchiveReaderOptions;
  private database: Promise<DuckDatabase> | undefined;

  constructor(root: string, options: ArchiveReaderOptions = {}) {
    this.root = root;
    this.options = options;
  }

  /** How many archived events at or after `since` (ms since epoch) have a vector and a label. */
  async labelCount(query: LabelledTopics & { readonly since: number }): Promise<number> {
    return this.using(async (connection) => {
      const { vectors, labels } = await this.sources(query);
      const result = await connection.runAndReadAll(`
        SELECT count(*) FROM (SELECT DISTINCT slot, event_id FROM ${vectors} WHERE event_time >= ${sqlWhole(query.since)})
        SEMI JOIN ${labels} USING (slot, event_id)`);
      return Number(result.getRows()[0]?.[0] ?? 0);
    });
  }

  /**
   * Where the data set of the first `newLabels` labelled rows since `since` ends, per slot; undefined as long as that is not certain.
   *
   * Rule: rows are ordered by the lane position at which they became complete (vector and first label there). The boundary is the
   * position P of the N-th counting row. It is final when no record at or before P can still be outside: records of one partition
   * stand in lane order and a partition is archived without gap, so that holds once each slot's newest archived vector *and* newest
   * archived label lie at P or later. (One event causes at most one vector and one label of a model.) If the stream pauses at P, the
   * files alone cannot tell; then `settled` decides. The answer is a function of the lane: asked later or of another archive
   * of the same lane it is the same.
   */
  async endOfLabels(query: EndOfLabelsQuery): Promise<SlotEnd[] | undefined> {
    if (!(query.newLabels >= 1)) throw new MillraceError('END_OF_LABELS_INVALID', `newLabels is ${query.newLabels}; it must be at least 1`);
    if ((query.lanes ?? 1) !== 1) {
      throw new MillraceError('SEVERAL_LANES', `the labels of ${query.lanes} lanes have no common order`, { hint: 'train per lane, or use one lane' });
    }
    return this.using(async (connection) => {
      const sources = await this.sources(query, query.slots);
      const read = async (sql: string): Promise<{ slot: number; position: number; kind?: unknown }[]> =>
        (await connection.runAndReadAll(sql)).getRowObjects().map((row) => ({ ...row, slot: Number(row['slot']), position: Number(row['position']) }));
      const labels = await connection.runAndReadAll(`SELECT count(*) FROM ${sources.labels}`);
      if (Number(labels.getRows()[0]?.[0]) < query.newLabels) return undefined;
      const end = (await read(endOfLabelsSql(sources, query.since, query.newLabels))).map(({ slot, position }) => ({ slot, position }));
      if (end.length === 0) return undefined;
      const boundary = Math.max(...end.map(({ position }) => position));
      const passed = (await read(newestPositionsSql(sources))).filter(({ position }) => position >= boundary).length;
      if (passed === 2 * query.slots) return end;
      return (await query.settled?.(boundary, sources.archived)) === true ? end : undefined;
    });
  }

  /**
   * The labelled vectors of a feature set up to an end, within the window before the newest of them, in canonical order.
   *
   * Equal facts give equal rows and an equal hash, whatever offsets and files they had.
   * @throws MillraceError DATASET_EMPTY, DATASET_INVALID
   */
  async dataset(query: DatasetQuery): Promise<Dataset> {
    return this.using(async (connection) => {
      const sources = await this.sources(query);
      const labelled = labelledRowsSql(sources, sqlText(query.featureSet), query.end);
      const newest = Number((await connection.runAndReadAll(`SELECT max(event_time) FROM (${labelled})`)).getRows()[0]?.[0] ?? 0);
      const collector = new RowCollector();
      const inWindow = `event_time > ${sqlWhole(newest - query.windowMs)}`;
      await this.collect(connection, `SELECT * FROM (${labelled}) WHERE ${inWindow} ORDER BY event_time, event_id`, collector);
      if (collector.rows === 0) {
        throw new MillraceError('DATASET_EMPTY', `no labelled vector of feature set ${query.featureSet} in the archive`, {
          hint: 'a feature set that was declared just now has no vectors yet',
        });
      }
      const rows = collector.take();
      const hash = new DatasetHash(rows.width);
      for (let row = 0; row < rows.rows; row += 1) {
        hash.add(rows.eventIds.subarray(16 * row, 16 * row + 16), rows.eventTimes[row] ?? 0, rows.features, rows.width * row, rows.labels[row] ?? 0);
      }
      return { ...rows, hash: hash.digest() };
    });
  }

  /** The labelled vectors of a span of event time, one UTC day after the other. Days without rows are absent. */
  async *rowsBetween(query: RowsBetweenQuery): AsyncGenerator<DayRows> {
    const sources = await this.sources(query);
    for (let dayMs = Math.floor(query.fromMs / DAY_MS) * DAY_MS; dayMs < query.toMs; dayMs += DAY_MS) {
      const collector = new RowCollector();
      const from = Math.max(dayMs, query.fromMs);
      const to = Math.min(dayMs + DAY_MS, query.toMs);
      const inDay = `(SELECT * FROM ${sources.vectors} WHERE event_time >= ${sqlWhole(from)} AND event_time < ${sqlWhole(to)})`;
      await this.using((connection) =>
        this.collect(
          connection,
          `${labelledRowsSql({ ...sources, vectors: inDay }, sqlText(query.featureSet))} ORDER BY event_time, event_id`,
          collector,
        ),
      );
      if (collector.rows > 0) yield { dayMs, ...collector.take() };
    }
  }

  async close(): Promise<void> {
    const database = this.database;
    this.database = undefined;
    await (await database)?.close();
  }

  private async collect(connection: DuckDBConnection, sql: string, collector: RowCollector): Promise<void> {
    const result = await connection.stream(sql);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      visitLabelledRows(chunk, (time, id, numeric, categorical, label) => collector.add(time, id, numeric, categorical, label));
    }
  }

  private async using<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.database ??= DuckDatabase.open({ memoryLimitMb: this.options.memoryLimitMb ?? 256, ...(this.options.spillFolder && { spillFolder: this.options.spillFolder }) });
    const connection = await (await this.database).connect();
    try {
      return await work(connection);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      if (String(cause).includes('Out of Memory')) {
        throw new MillraceError('ARCHIVE_MEMORY', `reading the archive needs more than ${this.options.memoryLimitMb ?? 256} MB`, { cause, hint: 'raise memoryLimitMb' });
      }
      throw new MillraceError('ARCHIVE_UNREADABLE', `the archive below ${this.root} cannot be read: ${String((cause as Error).message)}`, {
        cause,
        hint: 'the message names the file; restore it',
      });
    } finally {
      connection.closeSync();
    }
  }

  private async sources(topics: LabelledTopics, slots?: number): Promise<Sources> {
    const archived: ArchivedTo[] = [];
    const source = async (topic: string, columns: SegmentColumns<never>): Promise<string> => {
      const parts: string[] = [];
      for (const partition of await listPartitions(this.root, topic)) {
        if (slots !== undefined && partition >= slots) {
          throw new MillraceError('SLOTS_DIFFER', `${topic} has partition ${partition} in the archive, but the model has ${slots} slots`, {
            hint: 'the archive belongs to another generation of the workspace',
          });
        }
        const segments = await listSegments(this.root, topic, partition);
        archived.push({ topic, partition, nextOffset: (segments.at(-1)?.last ?? -1) + 1 });
        if (segments.length > 0) {
          parts.push(`SELECT ${partition} AS slot, * FROM read_parquet([${segments.map(({ path }) => sqlText(path)).join(', ')}])`);
        }
      }
      const none = `SELECT 0 AS slot, ${columns.names.map((name, n) => `NULL::${String(columns.types[n])} AS ${name}`).join(', ')} WHERE false`;
      return `(${parts.length > 0 ? parts.join(' UNION ALL ') : none})`;
    };
    const vectors = await source(topics.vectorsTopic, vectorColumns);
    const labels = await source(topics.labelsTopic, labelColumns);
    return { vectors, labels, archived };
  }
}
