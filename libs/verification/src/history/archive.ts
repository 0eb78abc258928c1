import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A row as the archive holds it: the columns of its file, with the offset of the record in `log_offset`. Whole numbers may be bigint. */
export type ArchivedRow = Readonly<Record<string, unknown>>;

/** The sealed files of a partition, and who reads them. */
export interface Archive {
  /** @param topic with the workspace's prefix */
  segments(topic: string, partition: number): Promise<readonly Segment[]>;
  /** All rows of some files, in the order of the files and of their rows. */
  rows(files: readonly string[]): AsyncIterable<readonly ArchivedRow[]> | Iterable<readonly ArchivedRow[]>;
}

/** An archive on disk: the folder that holds `segments/<topic>/<partition>/`, and a reader of Parquet files that is not ours (DuckDB, say). */
export function archiveIn(folder: string, rows: Archive['rows']): Archive {
  return { segments: (topic, partition) => segmentsOf(folder, topic, partition), rows };
}

/** A sealed file: all that stands in the topic partition from offset `first` to `last`, both inclusive. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly path: string;
}

/** Lists the sealed files of a partition by their names, `<first>-<last>.parquet`, sixteen digits each. */
async function segmentsOf(folder: string, topic: string, partition: number): Promise<Segment[]> {
  const directory = join(folder, 'segments', topic, String(partition));
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const match = /^(\d{16})-(\d{16})\.parquet$/.exec(name);
      return match ? [{ first: Number(match[1]), last: Number(match[2]), path: join(directory, name) }] : [];
    })
    .sort((a, b) => a.first - b.first || a.last - b.last);
}
