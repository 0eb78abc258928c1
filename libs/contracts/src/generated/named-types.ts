// Generated from schemas/*.avsc by `npm run generate`. Do not edit.

/** One version with its share. */
export interface Arm {
  /** champion, canary …. */
  readonly role: Role;
  /** version. */
  readonly version: number;
  /** digest of its bundle. */
  readonly bundle: string;
  /** share of the events, per cent. */
  readonly weight: number;
}

/** Counts of one slot, cumulative since the epoch began. */
export interface ArmCounts {
  /** slot. */
  readonly slot: number;
  /** scored. */
  readonly ok: number;
  /** by the previous version. */
  readonly fallback: number;
  /** without score. */
  readonly failed: number;
  /** sum of latencies, milliseconds. */
  readonly latencyMsSum: number;
}

/** What one arm answered in one slot since the route epoch began there, over all windows. */
export interface ArmProgress {
  /** rollout that set the route. */
  readonly rolloutId: string;
  /** newest route epoch in which the arm answered. */
  readonly epoch: number;
  /** scored. */
  readonly ok: number;
  /** by the previous version. */
  readonly fallback: number;
  /** without score. */
  readonly failed: number;
  /** sum of latencies, milliseconds. */
  readonly latencyMsSum: number;
}

/** what is asked for */
export type CommandKind = 'RETRAIN' | 'APPROVE' | 'REJECT' | 'PROMOTE' | 'PAUSE' | 'ABORT' | 'ROLL_BACK' | 'SCORE_BATCH';

/** A part that did not fit into one record. */
export interface Cut {
  /** 'key', 'value' (cut to their first bytes) or 'headers' (left out). */
  readonly part: string;
  /** length as posted; of headers: of all names and values. */
  readonly bytes: number;
  /** SHA-256 of what was posted; of headers: of name, zero byte, value, zero byte, one after the other. */
  readonly sha256: Buffer;
}

/** The data set, a function of the archive. */
export interface Dataset {
  /** SHA-256 of the canonical rows, hex. */
  readonly hash: string;
  /** rows. */
  readonly rows: number;
  /** of them in the holdout. */
  readonly holdoutRows: number;
  /** event time of the first row. */
  readonly from: number;
  /** event time of the last row. */
  readonly to: number;
  /** where the labels end. */
  readonly end: readonly SlotEnd[];
}

/** Figures on the holdout. */
export interface Evaluation {
  /** area under the ROC curve. */
  readonly auc: number;
  /** mean log loss, nats. */
  readonly logLoss: number;
  /** share right at 0.5. */
  readonly accuracy: number;
  /** mean score. */
  readonly meanPrediction: number;
  /** share of label 1. */
  readonly rate: number;
}

/** first half of SHA-256(stream, 0x00, id as text) */
export type EventId = Buffer;

/** One vector per active feature set. */
export interface FeatureVector {
  /** hash of the ordered list of features. */
  readonly featureSet: string;
  /** numeric features in order; NaN = missing. */
  readonly numeric: readonly number[];
  /** categorical features in order. */
  readonly categorical: readonly string[];
}

/** Positions of the inputs that this summary is a function of. */
export interface InputPositions {
  /** next offset of feature-vectors. */
  readonly vectors: number;
  /** next offset of predictions. */
  readonly predictions: number;
  /** next offset of labels. */
  readonly labels: number;
}

/** OK: scored by the routed version. FALLBACK: by the previous one. FAILED: no score. */
export type Outcome = 'OK' | 'FALLBACK' | 'FAILED';

/** the arm that answered */
export type Role = 'CHAMPION' | 'CANARY' | 'PREVIOUS' | 'SHADOW';

/** Last label of a slot that is in the data set. */
export interface SlotEnd {
  /** slot. */
  readonly slot: number;
  /** lane position of its last label. */
  readonly position: number;
}

/** Where the posted record stands. */
export interface SourcePosition {
  /** topic it was posted to. */
  readonly topic: string;
  /** its partition. */
  readonly partition: number;
  /** its offset. */
  readonly offset: number;
}

/** Avro schema of a stream. */
export interface StreamSchema {
  /** name of the stream. */
  readonly stream: string;
  /** its id, from 1000 on. */
  readonly schemaId: number;
  /** Avro schema, JSON. */
  readonly schema: string;
}

/** What one gate found. */
export interface Verdict {
  /** name of the gate. */
  readonly gate: string;
  /** whether it passed. */
  readonly passed: boolean;
  /** the figure judged. */
  readonly value: number;
  /** what it was held against. */
  readonly limit: number;
  /** the verdict in words. */
  readonly sentence: string;
}
