import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

export interface DuckDatabaseOptions {
  /** Bound of DuckDB's own memory. Default 128. */
  memoryLimitMb?: number;
  /** Folder to spill to when the memory does not suffice; a temporary one by default. */
  spillFolder?: string;
}

/** An in-process DuckDB of one thread and bounded memory. It holds nothing that outlives it. */
export class DuckDatabase {
  private readonly instance: DuckDBInstance;
  private readonly ownFolder: string | undefined;

  private constructor(instance: DuckDBInstance, ownFolder: string | undefined) {
    this.instance = instance;
    this.ownFolder = ownFolder;
  }

  static async open(options: DuckDatabaseOptions = {}): Promise<DuckDatabase> {
    // DuckDB makes the folder when it spills first, so that a process that is killed mostly leaves none.
    const ownFolder = options.spillFolder === undefined ? join(tmpdir(), `millrace-duckdb-${process.pid}-${randomUUID()}`) : undefined;
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: `${options.memoryLimitMb ?? 128}MB`,
      // By default DuckDB would spill into the working directory.
      temp_directory: options.spillFolder ?? ownFolder ?? '',
      // Extensions are downloaded; everything needed here is built in.
      autoinstall_known_extensions: 'false',
    });
    return new DuckDatabase(instance, ownFolder);
  }

  connect(): Promise<DuckDBConnection> {
    return this.instance.connect();
  }

  async close(): Promise<void> {
    this.instance.closeSync();
    if (this.ownFolder !== undefined) await rm(this.ownFolder, { recursive: true, force: true });
  }
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A number of the caller as SQL: nothing but digits can get in. */
export function sqlWhole(value: number): string {
  return String(BigInt(Math.trunc(Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER))));
}
