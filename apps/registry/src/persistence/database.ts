import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { dataSource } from '@millrace/persistence';
import { Shared } from '@millrace/service';
import type { DataSource } from 'typeorm';
import { RegistryOptions } from '../registry.config.ts';
import { CreateModelVersion1795219200100 } from './create-model-version.migration.ts';
import { ModelVersion } from './model-version.entity.ts';
import { schemaOf } from './schema-of.ts';

/** The database, opened when it is first needed: a service whose database is away starts and decides all the same. */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly schema: string;
  private readonly url: string;
  private opened: Promise<DataSource> | undefined;

  constructor({ workspace }: Shared, { databaseUrl }: RegistryOptions) {
    this.schema = schemaOf(workspace.prefix);
    this.url = databaseUrl;
  }

  /** A connected source for a schema of its own; whoever opens it ends it. */
  open(schema: string): Promise<DataSource> {
    return dataSource({ url: this.url, schema, entities: [ModelVersion], migrations: [CreateModelVersion1795219200100] });
  }

  /**
   * Works on the live schema.
   * @throws MillraceError DATABASE_UNREACHABLE (retriable) when the connection fails
   */
  async use<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    this.opened ??= this.open(this.schema);
    let source: DataSource;
    try {
      source = await this.opened;
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
    try {
      return await work(source);
    } catch (error) {
      throw isConnection(error) ? new MillraceError('DATABASE_UNREACHABLE', `the database does not answer: ${(error as Error).message}`, { retriable: true, cause: error, hint: 'is PostgreSQL running?' }) : error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const source = await this.opened?.catch(() => undefined);
    await source?.destroy();
  }
}

/** Errors of the way to the server: those of the socket, and the classes 08 (connection), 53 (resources) and 57P (shutdown) of SQLSTATE. */
function isConnection(error: unknown): boolean {
  if (error instanceof MillraceError) return false;
  const { code, message = '' } = error as { code?: string; message?: string };
  return code === undefined ? /connection|timeout/i.test(message) : /^(08|53|57P)/.test(code) || /^E[A-Z]+$/.test(code);
}
