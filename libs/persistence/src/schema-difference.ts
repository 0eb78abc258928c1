import { MillraceError } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** How one table differs between two schemas. */
export interface TableDifference {
  readonly table: string;
  /** Rows that only the first schema has; a row that it has twice and the other once counts once. */
  readonly onlyInA: number;
  readonly onlyInB: number;
  /** Some of these rows, for a person to look at. */
  readonly examples: readonly { readonly schema: string; readonly row: Record<string, unknown> }[];
}

const EXAMPLES = 5;

/**
 * Compares tables row by row in both directions. Equal tables are absent from the answer, so no difference is an empty list.
 *
 * Columns are compared by name; their order does not matter. Columns of type `json` cannot be compared: use `jsonb`.
 *
 * @throws MillraceError TABLES_DIFFER when a table is missing in a schema or has other columns there
 * @example
 * await difference(source.manager, 'millrace_default', 'millrace_default_rebuilt', ['model_version']); // [] = equal
 */
export async function difference(manager: EntityManager, schemaA: string, schemaB: string, tables: readonly string[]): Promise<TableDifference[]> {
  const differences: TableDifference[] = [];
  for (const table of tables) {
    const columns = await columnsOf(manager, schemaA, table);
    const others = await columnsOf(manager, schemaB, table);
    if (columns.length === 0 || columns.join() !== others.join()) {
      throw new MillraceError('TABLES_DIFFER', `table ${table} has columns (${columns.join(', ')}) in ${schemaA} and (${others.join(', ')}) in ${schemaB}`, {
        hint: 'run the same migrations in both schemas',
      });
    }
    const list = columns.map(quoted).join(', ');
    const select = (schema: string): string => `SELECT ${list} FROM ${quoted(schema)}.${quoted(table)}`;
    const [onlyInA, inA] = await rowsOf(manager, `${select(schemaA)} EXCEPT ALL ${select(schemaB)}`);
    const [onlyInB, inB] = await rowsOf(manager, `${select(schemaB)} EXCEPT ALL ${select(schemaA)}`);
    if (onlyInA + onlyInB === 0) continue;
    const examples = [...inA.map((row) => ({ schema: schemaA, row })), ...inB.map((row) => ({ schema: schemaB, row }))];
    differences.push({ table, onlyInA, onlyInB, examples });
  }
  return differences;
}

async function columnsOf(manager: EntityManager, schema: string, table: string): Promise<string[]> {
  const sql = 'SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY column_name';
  const rows = (await manager.query(sql, [schema, table])) as { column_name: string }[];
  return rows.map((row) => row.column_name);
}

async function rowsOf(manager: EntityManager, sql: string): Promise<[number, Record<string, unknown>[]]> {
  const [counted] = (await manager.query(`SELECT count(*)::int AS rows FROM (${sql}) AS only_here`)) as { rows: number }[];
  const rows = counted?.rows ?? 0;
  return [rows, rows === 0 ? [] : ((await manager.query(`SELECT * FROM (${sql}) AS only_here LIMIT ${EXAMPLES}`)) as Record<string, unknown>[])];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
