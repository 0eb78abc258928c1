import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names no schema: the search path of the data source decides, so that a rebuild makes the same tables in another one. */
export class CreateProjectionPosition1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE projection_position (
        projection text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (projection, topic, partition)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE projection_position');
  }
}
