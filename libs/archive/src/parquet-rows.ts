import { DuckDatabase } from './duck-database.ts';

/**
 * All rows of Parquet files, in the order of the files and of their rows, by DuckDB and nothing else: for whoever checks what the archive wrote.
 * Lists come as arrays, blobs as bytes, 64-bit numbers as bigint.
 *
 * @example for await (const rows of parquetRows(['0000000000000000-0000000000000099.parquet'])) console.log(rows[0]);
 */
export async function* parquetRows(files: readonly string[]): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const database = await DuckDatabase.open();
  try {
    const connection = await database.connect();
    const names = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
    const result = await connection.stream(`SELECT * FROM read_parquet([${names}])`);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk.getRowObjects(result.columnNames()).map(plain);
    connection.closeSync();
  } finally {
    await database.close();
  }
}

/** Lists as arrays, blobs as bytes. */
function plain(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const { items, bytes } = (value ?? {}) as { items?: readonly unknown[]; bytes?: Uint8Array };
      return [name, items ?? bytes ?? value];
    }),
  );
}
