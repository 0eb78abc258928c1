import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, testWorkspace, until } from '@millrace/testing';
import { Column, Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';

import { dataSource, type DataSourceConfig } from './data-source.ts';
import { difference } from './schema-difference.ts';
import { positionsOf, withPosition } from './with-position.ts';

@Entity('fact')
class Fact {
  @PrimaryColumn('text')
  id!: string;

  @Column('bigint')
  at!: number;

  @Column('jsonb')
  detail!: Record<string, string>;
}

class CreateFact1795219200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE fact (id text PRIMARY KEY, at bigint NOT NULL, detail jsonb NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE fact');
  }
}

class CreateNothing1795219200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE fact_of_nobody (id no_such_type)');
  }
  async down(): Promise<void> {}
}

describe('persistence on PostgreSQL', () => {
  const own = testWorkspace();
  let url: string;
  let source: DataSource;
  const opened: DataSource[] = [];

  const open = async (schema: string, config: Partial<DataSourceConfig> = {}): Promise<DataSource> => {
    const made = await dataSource({ url, schema: `${own}_${schema}`, entities: [Fact], migrations: [CreateFact1795219200001], ...config });
    opened.push(made);
    return made;
  };
  const ids = async (): Promise<string[]> => (await source.manager.find(Fact, { order: { id: 'ASC' } })).map(({ id }) => id);
  const fact = (id: string): Fact => ({ id, at: 1_800_000_000_000, detail: { by: 'test' } });

  beforeAll(async () => {
    ({ url } = await testDatabase());
    source = await open('a');
  }, 240_000);

  afterAll(async () => {
    for (const made of opened) if (made.isInitialized) await made.destroy();
  }, 30_000);

  describe('a data source', () => {
    it('gives up a query that is not answered in time, and answers the next', async () => {
      const hasty = await open('hasty', { answerWithinMs: 400 });
      await expect(hasty.query('SELECT pg_sleep(1)')).rejects.toThrow(/timeout/i);
      await expect(until(() => hasty.query('SELECT 1 AS one').catch(() => undefined), { what: 'an answer' })).resolves.toEqual([{ one: 1 }]);
    });

    it('makes the schema and its tables once, also for services that start together with other migrations', async () => {
      const [first, second] = await Promise.all([open('b'), open('b', { entities: [], migrations: [] }), open('b')]);
      await first?.manager.insert(Fact, fact('b'));
      expect(await second?.query('SELECT id, at FROM fact')).toEqual([{ id: 'b', at: 1_800_000_000_000 }]);
      expect(await ids()).toEqual([]);
    });

    it('has no column with a default, which a rebuild could not repeat', async () => {
      const sql = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '${own}_a' AND column_default IS NOT NULL`;
      expect(await source.query(`${sql} AND table_name <> 'migrations'`)).toEqual([]);
    });

    it.each([
      ['a migration fails', { migrations: [CreateNothing1795219200002] }, { code: 'MIGRATION_FAILED' }],
      ['the schema has a strange name', { schema: 'a"; DROP TABLE fact' }, { code: 'SCHEMA_INVALID' }],
      ['nobody listens', { url: 'postgres://millrace:secret@127.0.0.1:1/postgres' }, { code: 'DATABASE_UNREACHABLE', retriable: true }],
    ])('says so when %s', async (_, config, error) => {
      await expect(open('c', config)).rejects.toMatchObject(error);
    });

    it('says so when the password is wrong, without telling it', async () => {
      const wrong = new URL(url);
      wrong.password = 'guessed';
      const refused = open('c', { url: wrong.href });
      await expect(refused).rejects.toMatchObject({ code: 'DATABASE_REFUSED', retriable: false });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('guessed') });
    });
  });

  describe('a projection', () => {
    it('moves its position with its rows, from nothing on', async () => {
      await withPosition(source, 'facts', 'topic', 0, undefined, 5, (manager) => manager.insert(Fact, fact('one')));
      await withPosition(source, 'facts', 'topic', 0, 5, 9, (manager) => manager.insert(Fact, fact('two')));
      await withPosition(source, 'facts', 'topic', 1, undefined, 3, async () => undefined);
      expect(await positionsOf(source.manager, 'facts')).toEqual([
        { topic: 'topic', partition: 0, nextOffset: 9 },
        { topic: 'topic', partition: 1, nextOffset: 3 },
      ]);
      expect(await positionsOf(source.manager, 'others')).toEqual([]);
      expect(await ids()).toEqual(['one', 'two']);
    });

    it.each([{ expected: undefined }, { expected: 5 }, { expected: 10 }])('writes nothing when its position is not $expected', async ({ expected }) => {
      const write = withPosition(source, 'facts', 'topic', 0, expected, 12, (manager) => manager.insert(Fact, fact('never')));
      await expect(write).rejects.toMatchObject({ code: 'POSITION_MOVED', retriable: false });
      expect(await ids()).not.toContain('never');
    });

    it('stays where it is when the rows cannot be written', async () => {
      const write = withPosition(source, 'facts', 'topic', 0, 9, 12, async (manager) => {
        await manager.insert(Fact, fact('three'));
        throw new Error('no more');
      });
      await expect(write).rejects.toThrow('no more');
      expect(await ids()).toEqual(['one', 'two']);
      expect((await positionsOf(source.manager, 'facts'))[0]).toMatchObject({ nextOffset: 9 });
    });

    it.each([{ expected: 9 }, { expected: undefined }])('projects a batch once when two owners do it together at position $expected', async ({ expected }) => {
      const topic = expected === undefined ? 'another' : 'topic';
      const write = (id: string): Promise<void> => withPosition(source, 'facts', topic, 0, expected, 12, (manager) => manager.insert(Fact, fact(id)));
      const results = await Promise.allSettled([write(`${topic}-x`), write(`${topic}-y`)]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'POSITION_MOVED' } });
      expect((await ids()).filter((id) => id.startsWith(topic))).toHaveLength(1);
    });

    it('never goes back', async () => {
      await expect(withPosition(source, 'facts', 'topic', 0, 12, 11, async () => undefined)).rejects.toMatchObject({ code: 'POSITION_INVALID' });
    });
  });

  describe('two schemas', () => {
    it('differ by the rows that only one has, in both directions, and not at all once equal', async () => {
      const rebuilt = await open('a_rebuilt');
      await source.manager.save(Fact, [fact('one'), fact('two')]);
      const rows = await source.manager.find(Fact, { order: { id: 'ASC' } });
      await rebuilt.manager.insert(Fact, rows.slice(1).map((row) => ({ ...row, detail: { by: 'test' } })));
      await rebuilt.manager.insert(Fact, { ...fact('extra'), detail: { by: 'nobody' } });
      const compare = (): Promise<unknown> => difference(source.manager, `${own}_a`, `${own}_a_rebuilt`, ['fact']);
      expect(await compare()).toEqual([
        {
          table: 'fact', onlyInA: 1, onlyInB: 1,
          examples: [
            { schema: `${own}_a`, row: { ...rows[0] } },
            { schema: `${own}_a_rebuilt`, row: { id: 'extra', at: 1_800_000_000_000, detail: { by: 'nobody' } } },
          ],
        },
      ]);
      await rebuilt.manager.delete(Fact, { id: 'extra' });
      await rebuilt.manager.insert(Fact, rows[0] ?? fact('none'));
      expect(await compare()).toEqual([]);
    });

    it('cannot be compared where a table is missing', async () => {
      await expect(difference(source.manager, `${own}_a`, `${own}_a_rebuilt`, ['no_table'])).rejects.toMatchObject({ code: 'TABLES_DIFFER' });
      await expect(difference(source.manager, `${own}_a`, 'nowhere', ['fact'])).rejects.toMatchObject({ code: 'TABLES_DIFFER' });
    });
  });
});
