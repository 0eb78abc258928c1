// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { Role } from './named-types.ts';

/** How one version did in one finished window, over all slots. */
export interface PerformanceReportedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the judged version. */
  readonly version: number;
  /** its arm. */
  readonly role: Role;
  /** start of the window, milliseconds since 1970-01-01T00:00Z. */
  readonly windowStart: number;
  /** end of the window, exclusive. */
  readonly windowEnd: number;
  /** predictions scored. */
  readonly predictions: number;
  /** of them with a known label. */
  readonly labelled: number;
  /** area under the ROC curve; NaN with one class. */
  readonly auc: number;
  /** mean log loss, nats. */
  readonly logLoss: number;
  /** share right at the threshold 0.5. */
  readonly accuracy: number;
  /** mean score of the labelled. */
  readonly meanPrediction: number;
  /** share of label 1. */
  readonly rate: number;
  /** triggers that this window violates, each as a sentence. */
  readonly violations: readonly string[];
}

/** How one version did in one finished window, over all slots. */
export class PerformanceReported extends Event<'performance-reported'> {
  static readonly stem = 'performance-reported';
  static readonly schemaId = 41;
  static readonly schema: object = {"type":"record","name":"PerformanceReported","namespace":"millrace","doc":"How one version did in one finished window, over all slots.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"version","type":"int","doc":"the judged version"},{"name":"role","type":{"type":"enum","name":"Role","symbols":["CHAMPION","CANARY","PREVIOUS","SHADOW"],"doc":"the arm that answered"},"doc":"its arm"},{"name":"windowStart","type":"long","doc":"start of the window, milliseconds since 1970-01-01T00:00Z"},{"name":"windowEnd","type":"long","doc":"end of the window, exclusive"},{"name":"predictions","type":"long","doc":"predictions scored"},{"name":"labelled","type":"long","doc":"of them with a known label"},{"name":"auc","type":"double","doc":"area under the ROC curve; NaN with one class"},{"name":"logLoss","type":"double","doc":"mean log loss, nats"},{"name":"accuracy","type":"double","doc":"share right at the threshold 0.5"},{"name":"meanPrediction","type":"double","doc":"mean score of the labelled"},{"name":"rate","type":"double","doc":"share of label 1"},{"name":"violations","type":{"type":"array","items":"string"},"doc":"triggers that this window violates, each as a sentence"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the judged version. */
  declare readonly version: number;
  /** its arm. */
  declare readonly role: Role;
  /** start of the window, milliseconds since 1970-01-01T00:00Z. */
  declare readonly windowStart: number;
  /** end of the window, exclusive. */
  declare readonly windowEnd: number;
  /** predictions scored. */
  declare readonly predictions: number;
  /** of them with a known label. */
  declare readonly labelled: number;
  /** area under the ROC curve; NaN with one class. */
  declare readonly auc: number;
  /** mean log loss, nats. */
  declare readonly logLoss: number;
  /** share right at the threshold 0.5. */
  declare readonly accuracy: number;
  /** mean score of the labelled. */
  declare readonly meanPrediction: number;
  /** share of label 1. */
  declare readonly rate: number;
  /** triggers that this window violates, each as a sentence. */
  declare readonly violations: readonly string[];

  constructor(fields: PerformanceReportedFields) {
    super();
    this.model = fields.model;
    this.version = fields.version;
    this.role = fields.role;
    this.windowStart = fields.windowStart;
    this.windowEnd = fields.windowEnd;
    this.predictions = fields.predictions;
    this.labelled = fields.labelled;
    this.auc = fields.auc;
    this.logLoss = fields.logLoss;
    this.accuracy = fields.accuracy;
    this.meanPrediction = fields.meanPrediction;
    this.rate = fields.rate;
    this.violations = fields.violations;
  }
}
