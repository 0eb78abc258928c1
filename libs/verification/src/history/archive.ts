import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A row as the archive holds it: the columns of its file, with the offset of the record in `log_offset`. Whole numbers may be bigint. */
export type ArchivedRow = Readonly<Record<string, unknown>>;

/** Where the archive is, and who reads its Parquet files (DuckDB, say): all rows of some files, in the order of the files and of their rows. */
export interface Archive {
  /** The folder that holds `segments/<topic>/<partition>/`. */
  readonly folder: string;
  rows(files: readonly string[]): AsyncIterable<readonly ArchivedRow[]> | Iterable<readonly ArchivedRow[]>;
}

export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly path: string;
}

/** Lists the sealed files of a partition by their names, `<first>-<last>.parquet`, sixteen digits each. */
export async function segmentsOf(folder: string, topic: string, partition: number): Promise<Segment[]> {
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
