import type { Dataset, Evaluation, Verdict } from '@millrace/contracts';
import { ProjectionStore } from '@millrace/messaging';

export type VersionStatus = 'pending' | 'approved' | 'rejected';

/** One version as people ask for it. */
export interface ModelVersionRow {
  readonly model: string;
  readonly version: number;
  /** Digest of the bundle. */
  readonly bundle: string;
  readonly training: string;
  readonly modelHash: string;
  readonly featureSet: string;
  readonly definitionHash: string;
  readonly dataset: Dataset;
  readonly metrics: Evaluation;
  readonly championVersion: number | null;
  readonly championMetrics: Evaluation | null;
  readonly trainingSeconds: number;
  /** Append time of its registration, ms since epoch. */
  readonly registeredAt: number;
  readonly status: VersionStatus;
  readonly verdicts: readonly Verdict[];
  /** `gates`, or who decided; null while pending. */
  readonly decidedBy: string | null;
  /** Append time of the verdict, ms since epoch; null while pending. */
  readonly decidedAt: number | null;
}

export type Decision = Pick<ModelVersionRow, 'status' | 'verdicts' | 'decidedBy' | 'decidedAt'>;

/** What a projection may do within its transaction. */
export interface ModelRowsWriter {
  add(row: ModelVersionRow): Promise<void>;
  decide(model: string, version: number, decision: Decision): Promise<void>;
}

export interface RebuildReport {
  /** Tables whose rows differ between the live schema and one that was folded anew; empty when equal. */
  readonly differences: readonly unknown[];
  /** Rows compared. */
  readonly rows: number;
  /** Offset of model-versions up to which both were folded. */
  readonly position: number;
}

/** Folds the records from offset `from` up to, not including, `to`. */
export type Fold = (from: number, to: number, writer: ModelRowsWriter) => Promise<void>;

/** The read model of versions. Errors of a database that is away are retriable. */
export abstract class ModelRows extends ProjectionStore<ModelRowsWriter> {
  override readonly shared = true;
  /** All versions, by model and number; of one model when it is named. */
  abstract versions(model?: string): Promise<readonly ModelVersionRow[]>;
  /** Folds the log anew beside the live rows, up to exactly their position, and compares. Changes nothing. */
  abstract rebuild(topic: string, fold: Fold): Promise<RebuildReport>;
}
