import type { Dataset, Evaluation, Verdict } from '@millrace/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelVersionRow, VersionStatus } from '../domain/model-rows.ts';

@Entity('model_version')
export class ModelVersion implements ModelVersionRow {
  @PrimaryColumn('text')
  model!: string;

  @PrimaryColumn('integer')
  version!: number;

  @Column('text')
  bundle!: string;

  @Column('text')
  training!: string;

  @Column('text', { name: 'model_hash' })
  modelHash!: string;

  @Column('text', { name: 'feature_set' })
  featureSet!: string;

  @Column('text', { name: 'definition_hash' })
  definitionHash!: string;

  @Column('jsonb')
  dataset!: Dataset;

  @Column('jsonb')
  metrics!: Evaluation;

  @Column('integer', { name: 'champion_version', nullable: true })
  championVersion!: number | null;

  @Column('jsonb', { name: 'champion_metrics', nullable: true })
  championMetrics!: Evaluation | null;

  @Column('double precision', { name: 'training_seconds' })
  trainingSeconds!: number;

  @Column('bigint', { name: 'registered_at' })
  registeredAt!: number;

  @Column('text')
  status!: VersionStatus;

  @Column('jsonb')
  verdicts!: Verdict[];

  @Column('text', { name: 'decided_by', nullable: true })
  decidedBy!: string | null;

  @Column('bigint', { name: 'decided_at', nullable: true })
  decidedAt!: number | null;
}
