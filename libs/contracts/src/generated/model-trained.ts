// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { Dataset, Evaluation } from './named-types.ts';

/** A training ended with a bundle. */
export interface ModelTrainedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** id of the training. */
  readonly training: string;
  /** digest of the bundle, SHA-256 hex. */
  readonly bundle: string;
  /** SHA-256 of model.onnx, hex. */
  readonly modelHash: string;
  /** the data set. */
  readonly dataset: Dataset;
  /** hash of the feature set. */
  readonly featureSet: string;
  /** definitions it was trained by. */
  readonly definitionHash: string;
  /** the candidate on the holdout. */
  readonly candidate: Evaluation;
  /** the champion on the same holdout; null before the first. */
  readonly champion: Evaluation | null;
  /** the champion compared with. */
  readonly championVersion: number | null;
  /** duration of the job without the wait for its labels, seconds. */
  readonly seconds: number;
}

/** A training ended with a bundle. */
export class ModelTrained extends Event<'model-trained'> {
  static readonly stem = 'model-trained';
  static readonly schemaId = 51;
  static readonly schema: object = {"type":"record","name":"ModelTrained","namespace":"millrace","doc":"A training ended with a bundle.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"training","type":"string","doc":"id of the training"},{"name":"bundle","type":"string","doc":"digest of the bundle, SHA-256 hex"},{"name":"modelHash","type":"string","doc":"SHA-256 of model.onnx, hex"},{"name":"dataset","type":{"type":"record","name":"Dataset","doc":"The data set, a function of the archive.","fields":[{"name":"hash","type":"string","doc":"SHA-256 of the canonical rows, hex"},{"name":"rows","type":"long","doc":"rows"},{"name":"holdoutRows","type":"long","doc":"of them in the holdout"},{"name":"from","type":"long","doc":"event time of the first row"},{"name":"to","type":"long","doc":"event time of the last row"},{"name":"end","type":{"type":"array","items":{"type":"record","name":"SlotEnd","doc":"Last label of a slot that is in the data set.","fields":[{"name":"slot","type":"int","doc":"slot"},{"name":"position","type":"long","doc":"lane position of its last label"}]}},"doc":"where the labels end"}]},"doc":"the data set"},{"name":"featureSet","type":"string","doc":"hash of the feature set"},{"name":"definitionHash","type":"string","doc":"definitions it was trained by"},{"name":"candidate","type":{"type":"record","name":"Evaluation","doc":"Figures on the holdout.","fields":[{"name":"auc","type":"double","doc":"area under the ROC curve"},{"name":"logLoss","type":"double","doc":"mean log loss, nats"},{"name":"accuracy","type":"double","doc":"share right at 0.5"},{"name":"meanPrediction","type":"double","doc":"mean score"},{"name":"rate","type":"double","doc":"share of label 1"}]},"doc":"the candidate on the holdout"},{"name":"champion","type":["null","Evaluation"],"doc":"the champion on the same holdout; null before the first"},{"name":"championVersion","type":["null","int"],"doc":"the champion compared with"},{"name":"seconds","type":"double","doc":"duration of the job without the wait for its labels, seconds"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** id of the training. */
  declare readonly training: string;
  /** digest of the bundle, SHA-256 hex. */
  declare readonly bundle: string;
  /** SHA-256 of model.onnx, hex. */
  declare readonly modelHash: string;
  /** the data set. */
  declare readonly dataset: Dataset;
  /** hash of the feature set. */
  declare readonly featureSet: string;
  /** definitions it was trained by. */
  declare readonly definitionHash: string;
  /** the candidate on the holdout. */
  declare readonly candidate: Evaluation;
  /** the champion on the same holdout; null before the first. */
  declare readonly champion: Evaluation | null;
  /** the champion compared with. */
  declare readonly championVersion: number | null;
  /** duration of the job without the wait for its labels, seconds. */
  declare readonly seconds: number;

  constructor(fields: ModelTrainedFields) {
    super();
    this.model = fields.model;
    this.training = fields.training;
    this.bundle = fields.bundle;
    this.modelHash = fields.modelHash;
    this.dataset = fields.dataset;
    this.featureSet = fields.featureSet;
    this.definitionHash = fields.definitionHash;
    this.candidate = fields.candidate;
    this.champion = fields.champion;
    this.championVersion = fields.championVersion;
    this.seconds = fields.seconds;
  }
}
