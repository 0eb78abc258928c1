import { DuckDatabase } from '@millrace/archive';
import type { Archive, ArchivedRow } from '@millrace/verification';

/** Reads Parquet files by DuckDB and by nothing of the archive's own code but the bounds of its memory. */
export const archivedRows: Archive['rows'] = async function* (files: readonly string[]): AsyncGenerator<readonly ArchivedRow[]> {
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
};

/** Lists as arrays, blobs as bytes. */
function plain(row: Readonly<Record<string, unknown>>): ArchivedRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const { items, bytes } = (value ?? {}) as { items?: readonly unknown[]; bytes?: Uint8Array };
      return [name, items ?? bytes ?? value];
    }),
  );
}
