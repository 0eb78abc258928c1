import type { MigrationInterface, QueryRunner } from 'typeorm';

/** No column has a default or a clock: a row is a function of the log. */
export class CreateModelVersion1795219200100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_version (
        model text NOT NULL,
        version integer NOT NULL,
        bundle text NOT NULL,
        training text NOT NULL,
        model_hash text NOT NULL,
        feature_set text NOT NULL,
        definition_hash text NOT NULL,
        dataset jsonb NOT NULL,
        metrics jsonb NOT NULL,
        champion_version integer,
        champion_metrics jsonb,
        training_seconds double precision NOT NULL,
        registered_at bigint NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
        verdicts jsonb NOT NULL,
        decided_by text,
        decided_at bigint,
        PRIMARY KEY (model, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE model_version');
  }
}
