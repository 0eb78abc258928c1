import { Injectable } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { difference, positionsOf, withPosition } from '@millrace/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { ModelRows, type Decision, type Fold, type ModelRowsWriter, type ModelVersionRow, type RebuildReport } from '../domain/model-rows.ts';
import { Database } from './database.ts';
import { ModelVersion } from './model-version.entity.ts';
import { rebuildSchemaOf } from './schema-of.ts';

type Step = Parameters<ModelRows['transact']>[0];

/** A live projection that moves while it is compared is caught up with this often. */
const rounds = 50;
const rebuilt = 'rebuild';

/** The read model in PostgreSQL. */
@Injectable()
export class DatabaseModelRows extends ModelRows {
  private readonly database: Database;
  private rebuilding = false;
  private projection: string | undefined;

  constructor(database: Database) {
    super();
    this.database = database;
  }

  position(projection: string, topic: string, partition: number): Promise<number> {
    this.projection = projection;
    return this.database.use(async ({ manager }) => positionIn(manager, projection, topic, partition));
  }

  transact(step: Step, work: (writer: ModelRowsWriter) => Promise<void>): Promise<void> {
    return this.database.use((source) => moved(source, step, work));
  }

  versions(model?: string): Promise<readonly ModelVersionRow[]> {
    return this.database.use(({ manager }) => manager.find(ModelVersion, { ...(model === undefined ? {} : { where: { model } }), order: { model: 'ASC', version: 'ASC' } }));
  }

  async rebuild(topic: string, fold: Fold): Promise<RebuildReport> {
    if (this.rebuilding) throw new MillraceError('CONFLICT', 'a rebuild is running', { hint: 'wait for its answer' });
    this.rebuilding = true;
    try {
      return await this.database.use((live) => this.compare(live, topic, fold));
    } finally {
      this.rebuilding = false;
    }
  }

  private async compare(live: DataSource, topic: string, fold: Fold): Promise<RebuildReport> {
    const { projection } = this;
    if (projection === undefined) throw new MillraceError('NOT_READY', 'the projection has not started yet', { retriable: true });
    const schema = rebuildSchemaOf(this.database.schema);
    await live.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    const fresh = await this.database.open(schema);
    try {
      let folded = 0;
      for (let round = 0; round < rounds; round++) {
        const to = await positionIn(live.manager, projection, topic, 0);
        if (to > folded) await moved(fresh, { projection: rebuilt, topic, partition: 0, expected: folded, next: to }, (writer) => fold(folded, to, writer));
        folded = to;
        // Position and rows of one snapshot: the comparison means nothing at another position.
        const report = await live.transaction('REPEATABLE READ', async (manager) => {
          if ((await positionIn(manager, projection, topic, 0)) !== folded) return undefined;
          return { differences: await difference(manager, this.database.schema, schema, ['model_version']), rows: await manager.count(ModelVersion), position: folded };
        });
        if (report) return report;
      }
      throw new MillraceError('REBUILD_OVERTAKEN', `the live rows moved on ${rounds} times while they were compared`, { retriable: true, hint: 'try again when fewer versions are made' });
    } finally {
      await fresh.destroy();
      await live.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    }
  }
}

async function positionIn(manager: EntityManager, projection: string, topic: string, partition: number): Promise<number> {
  const positions = await positionsOf(manager, projection);
  return positions.find((position) => position.topic === topic && position.partition === partition)?.nextOffset ?? 0;
}

function moved(source: DataSource, { projection, topic, partition, expected, next }: Step, work: (writer: ModelRowsWriter) => Promise<void>): Promise<void> {
  return withPosition(source, projection, topic, partition, expected === 0 ? undefined : expected, next, (manager) => work(writerOn(manager)));
}

function writerOn(manager: EntityManager): ModelRowsWriter {
  return {
    add: async (row) => void (await manager.insert(ModelVersion, { ...row, verdicts: [...row.verdicts] })),
    decide: async (model: string, version: number, decision: Decision) => {
      const { affected } = await manager.update(ModelVersion, { model, version }, { ...decision, verdicts: [...decision.verdicts] });
      if (affected !== 1) throw new MillraceError('VERSION_UNKNOWN', `${model}@${version} was decided, but never registered`);
    },
  };
}
