// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { ArmProgress, InputPositions, Role } from './named-types.ts';

/** What one slot saw of one version in one window of event time. The last record of a key replaces the earlier ones. */
export interface WindowSummarisedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** partition of the per-model topics. */
  readonly slot: number;
  /** version that predicted; null for labelled vectors that no version predicted. */
  readonly version: number | null;
  /** arm that predicted; null with version null. */
  readonly role: Role | null;
  /** digest of its bundle, SHA-256 hex. */
  readonly bundle: string | null;
  /** progress of this version in this role; null with version null. */
  readonly arm: ArmProgress | null;
  /** start of the window, milliseconds since 1970-01-01T00:00Z. */
  readonly windowStart: number;
  /** end of the window, exclusive. */
  readonly windowEnd: number;
  /** predictions scored. */
  readonly ok: number;
  /** predictions by the previous version. */
  readonly fallback: number;
  /** predictions without score. */
  readonly failed: number;
  /** predictions (or vectors, with version null) whose label is known. */
  readonly labelled: number;
  /** sum of all scores. */
  readonly scoreSum: number;
  /** sum of the scores whose label is known. */
  readonly labelledScoreSum: number;
  /** sum of the labels. */
  readonly labelSum: number;
  /** sum of the log losses. */
  readonly lossSum: number;
  /** labelled predictions right at the threshold 0.5. */
  readonly correct: number;
  /** histogram of the scores with label 0, 1,024 bins of equal width over [0, 1]: little-endian uint32, first the number of the first bin that is not empty, then counts. */
  readonly negatives: Buffer;
  /** the same for label 1. */
  readonly positives: Buffer;
  /** event time that vectors, predictions and labels of this slot have all reached, milliseconds since 1970-01-01T00:00Z; -62135596800000 before that, and in all but the last of the summaries that are said together. */
  readonly slotTime: number;
  /** input positions; a higher one restates a lower one. */
  readonly revision: InputPositions;
}

/** What one slot saw of one version in one window of event time. The last record of a key replaces the earlier ones. */
export class WindowSummarised extends Event<'window-summarised'> {
  static readonly stem = 'window-summarised';
  static readonly schemaId = 40;
  static readonly schema: object = {"type":"record","name":"WindowSummarised","namespace":"millrace","doc":"What one slot saw of one version in one window of event time. The last record of a key replaces the earlier ones.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"slot","type":"int","doc":"partition of the per-model topics"},{"name":"version","type":["null","int"],"doc":"version that predicted; null for labelled vectors that no version predicted"},{"name":"role","type":["null",{"type":"enum","name":"Role","symbols":["CHAMPION","CANARY","PREVIOUS","SHADOW"],"doc":"the arm that answered"}],"doc":"arm that predicted; null with version null"},{"name":"bundle","type":["null","string"],"doc":"digest of its bundle, SHA-256 hex"},{"name":"arm","type":["null",{"type":"record","name":"ArmProgress","doc":"What one arm answered in one slot since the route epoch began there, over all windows.","fields":[{"name":"rolloutId","type":"string","doc":"rollout that set the route"},{"name":"epoch","type":"int","doc":"newest route epoch in which the arm answered"},{"name":"ok","type":"long","doc":"scored"},{"name":"fallback","type":"long","doc":"by the previous version"},{"name":"failed","type":"long","doc":"without score"},{"name":"latencyMsSum","type":"double","doc":"sum of latencies, milliseconds"}]}],"doc":"progress of this version in this role; null with version null"},{"name":"windowStart","type":"long","doc":"start of the window, milliseconds since 1970-01-01T00:00Z"},{"name":"windowEnd","type":"long","doc":"end of the window, exclusive"},{"name":"ok","type":"long","doc":"predictions scored"},{"name":"fallback","type":"long","doc":"predictions by the previous version"},{"name":"failed","type":"long","doc":"predictions without score"},{"name":"labelled","type":"long","doc":"predictions (or vectors, with version null) whose label is known"},{"name":"scoreSum","type":"double","doc":"sum of all scores"},{"name":"labelledScoreSum","type":"double","doc":"sum of the scores whose label is known"},{"name":"labelSum","type":"double","doc":"sum of the labels"},{"name":"lossSum","type":"double","doc":"sum of the log losses"},{"name":"correct","type":"long","doc":"labelled predictions right at the threshold 0.5"},{"name":"negatives","type":"bytes","doc":"histogram of the scores with label 0, 1,024 bins of equal width over [0, 1]: little-endian uint32, first the number of the first bin that is not empty, then counts"},{"name":"positives","type":"bytes","doc":"the same for label 1"},{"name":"slotTime","type":"long","doc":"event time that vectors, predictions and labels of this slot have all reached, milliseconds since 1970-01-01T00:00Z; -62135596800000 before that, and in all but the last of the summaries that are said together"},{"name":"revision","type":{"type":"record","name":"InputPositions","doc":"Positions of the inputs that this summary is a function of.","fields":[{"name":"vectors","type":"long","doc":"next offset of feature-vectors"},{"name":"predictions","type":"long","doc":"next offset of predictions"},{"name":"labels","type":"long","doc":"next offset of labels"}]},"doc":"input positions; a higher one restates a lower one"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** partition of the per-model topics. */
  declare readonly slot: number;
  /** version that predicted; null for labelled vectors that no version predicted. */
  declare readonly version: number | null;
  /** arm that predicted; null with version null. */
  declare readonly role: Role | null;
  /** digest of its bundle, SHA-256 hex. */
  declare readonly bundle: string | null;
  /** progress of this version in this role; null with version null. */
  declare readonly arm: ArmProgress | null;
  /** start of the window, milliseconds since 1970-01-01T00:00Z. */
  declare readonly windowStart: number;
  /** end of the window, exclusive. */
  declare readonly windowEnd: number;
  /** predictions scored. */
  declare readonly ok: number;
  /** predictions by the previous version. */
  declare readonly fallback: number;
  /** predictions without score. */
  declare readonly failed: number;
  /** predictions (or vectors, with version null) whose label is known. */
  declare readonly labelled: number;
  /** sum of all scores. */
  declare readonly scoreSum: number;
  /** sum of the scores whose label is known. */
  declare readonly labelledScoreSum: number;
  /** sum of the labels. */
  declare readonly labelSum: number;
  /** sum of the log losses. */
  declare readonly lossSum: number;
  /** labelled predictions right at the threshold 0.5. */
  declare readonly correct: number;
  /** histogram of the scores with label 0, 1,024 bins of equal width over [0, 1]: little-endian uint32, first the number of the first bin that is not empty, then counts. */
  declare readonly negatives: Buffer;
  /** the same for label 1. */
  declare readonly positives: Buffer;
  /** event time that vectors, predictions and labels of this slot have all reached, milliseconds since 1970-01-01T00:00Z; -62135596800000 before that, and in all but the last of the summaries that are said together. */
  declare readonly slotTime: number;
  /** input positions; a higher one restates a lower one. */
  declare readonly revision: InputPositions;

  constructor(fields: WindowSummarisedFields) {
    super();
    this.model = fields.model;
    this.slot = fields.slot;
    this.version = fields.version;
    this.role = fields.role;
    this.bundle = fields.bundle;
    this.arm = fields.arm;
    this.windowStart = fields.windowStart;
    this.windowEnd = fields.windowEnd;
    this.ok = fields.ok;
    this.fallback = fields.fallback;
    this.failed = fields.failed;
    this.labelled = fields.labelled;
    this.scoreSum = fields.scoreSum;
    this.labelledScoreSum = fields.labelledScoreSum;
    this.labelSum = fields.labelSum;
    this.lossSum = fields.lossSum;
    this.correct = fields.correct;
    this.negatives = fields.negatives;
    this.positives = fields.positives;
    this.slotTime = fields.slotTime;
    this.revision = fields.revision;
  }
}
