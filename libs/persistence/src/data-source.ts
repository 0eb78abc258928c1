import pg from 'pg';
import { MillraceError } from '@millrace/contracts';
import { DataSource, type MigrationInterface } from 'typeorm';

import { CreateProjectionPosition1795219200000 } from './create-projection-position.migration.ts';
import { ProjectionPosition } from './projection-position.ts';

export interface DataSourceConfig {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Schema of the workspace; created when missing. */
  readonly schema: string;
  /** Entity classes; ProjectionPosition is always among them. */
  readonly entities: readonly (new () => object)[];
  /** Migration classes, their names ending in 13 digits; no columns with database defaults or clocks. */
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Connections at most. Default 4. */
  readonly poolSize?: number;
  /** Longest wait for the answer to a query, ms: a server that stands still must show as one that does not answer. Default 20,000. */
  readonly answerWithinMs?: number;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

const answerWithinMs = 20_000;
/** Any fixed number: one service at a time prepares a schema. */
const LOCK = 0x6d6c72;

/**
 * Opens the database: creates the schema, runs the migrations that are missing and connects.
 *
 * Several services may do so at the same time, each with its own list of migrations. Columns of type bigint are read as numbers.
 *
 * @throws MillraceError DATABASE_UNREACHABLE (retriable), DATABASE_REFUSED, SCHEMA_INVALID, MIGRATION_FAILED
 * @example
 * const source = await dataSource({ url, schema: 'millrace_default', entities: [ModelVersion], migrations: [CreateModelVersion1795219200001] });
 * await source.destroy();
 */
export async function dataSource(config: DataSourceConfig): Promise<DataSource> {
  if (!SCHEMA.test(config.schema) || config.schema.startsWith('pg_')) {
    throw new MillraceError('SCHEMA_INVALID', `'${config.schema}' is no schema name`, { hint: 'use up to 63 lower-case letters, digits and underscores' });
  }
  const lock = new pg.Client({ connectionString: config.url, connectionTimeoutMillis: 10_000, query_timeout: config.answerWithinMs ?? answerWithinMs });
  lock.on('error', () => undefined);
  try {
    await lock.connect();
    await lock.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCK, config.schema]);
    await lock.query(`CREATE SCHEMA IF NOT EXISTS "${config.schema}"`);
    return await migrated(config);
  } catch (cause) {
    throw translated(cause, config);
  } finally {
    await lock.end().catch(() => undefined);
  }
}

async function migrated(config: DataSourceConfig): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url: config.url,
    schema: config.schema,
    entities: [ProjectionPosition, ...config.entities],
    migrations: [CreateProjectionPosition1795219200000, ...config.migrations],
    migrationsTransactionMode: 'each',
    installExtensions: false,
    parseInt8: true,
    connectTimeoutMS: 10_000,
    poolSize: config.poolSize ?? 4,
    // Migrations name no schema, and TypeORM's `schema` reaches only the SQL that it writes itself.
    extra: { options: `-c search_path=${config.schema}`, query_timeout: config.answerWithinMs ?? answerWithinMs },
    // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  });
  await source.initialize();
  try {
    await source.runMigrations();
    return source;
  } catch (cause) {
    await source.destroy();
    throw new MillraceError('MIGRATION_FAILED', `a migration of schema ${config.schema} failed: ${(cause as Error).message}`, { cause });
  }
}

function translated(cause: unknown, { url }: DataSourceConfig): unknown {
  if (cause instanceof MillraceError) return cause;
  const { code = '', message } = cause as { code?: string; message: string };
  const server = describe(url);
  if (/^(28|3D|42501)/.test(code)) return new MillraceError('DATABASE_REFUSED', `${server} refused: ${message}`, { cause, hint: 'check user, password and database in the address' });
  return new MillraceError('DATABASE_UNREACHABLE', `${server} does not answer: ${message || code}`, { retriable: true, cause, hint: 'is PostgreSQL running there?' });
}

/** The address without user and password. */
function describe(url: string): string {
  if (!URL.canParse(url)) return 'the database';
  const { host, pathname } = new URL(url);
  return `the database ${host}${pathname}`;
}
