// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { ModelTrainedFields } from './model-trained.ts';

/** A bundle got its version number. Versions never change. */
export interface ModelVersionRegisteredFields {
  /** name of the model as declared. */
  readonly model: string;
  /** version, from 1. */
  readonly version: number;
  /** digest of the bundle. */
  readonly bundle: string;
  /** training that made it. */
  readonly training: string;
  /** what the trainer said. */
  readonly trained: ModelTrainedFields;
}

/** A bundle got its version number. Versions never change. */
export class ModelVersionRegistered extends Event<'model-version-registered'> {
  static readonly stem = 'model-version-registered';
  static readonly schemaId = 60;
  static readonly schema: object = {"type":"record","name":"ModelVersionRegistered","namespace":"millrace","doc":"A bundle got its version number. Versions never change.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"version","type":"int","doc":"version, from 1"},{"name":"bundle","type":"string","doc":"digest of the bundle"},{"name":"training","type":"string","doc":"training that made it"},{"name":"trained","type":{"type":"record","name":"ModelTrained","doc":"A training ended with a bundle.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"training","type":"string","doc":"id of the training"},{"name":"bundle","type":"string","doc":"digest of the bundle, SHA-256 hex"},{"name":"modelHash","type":"string","doc":"SHA-256 of model.onnx, hex"},{"name":"dataset","type":{"type":"record","name":"Dataset","doc":"The data set, a function of the archive.","fields":[{"name":"hash","type":"string","doc":"SHA-256 of the canonical rows, hex"},{"name":"rows","type":"long","doc":"rows"},{"name":"holdoutRows","type":"long","doc":"of them in the holdout"},{"name":"from","type":"long","doc":"event time of the first row"},{"name":"to","type":"long","doc":"event time of the last row"},{"name":"end","type":{"type":"array","items":{"type":"record","name":"SlotEnd","doc":"Last label of a slot that is in the data set.","fields":[{"name":"slot","type":"int","doc":"slot"},{"name":"position","type":"long","doc":"lane position of its last label"}]}},"doc":"where the labels end"}]},"doc":"the data set"},{"name":"featureSet","type":"string","doc":"hash of the feature set"},{"name":"definitionHash","type":"string","doc":"definitions it was trained by"},{"name":"candidate","type":{"type":"record","name":"Evaluation","doc":"Figures on the holdout.","fields":[{"name":"auc","type":"double","doc":"area under the ROC curve"},{"name":"logLoss","type":"double","doc":"mean log loss, nats"},{"name":"accuracy","type":"double","doc":"share right at 0.5"},{"name":"meanPrediction","type":"double","doc":"mean score"},{"name":"rate","type":"double","doc":"share of label 1"}]},"doc":"the candidate on the holdout"},{"name":"champion","type":["null","Evaluation"],"doc":"the champion on the same holdout; null before the first"},{"name":"championVersion","type":["null","int"],"doc":"the champion compared with"},{"name":"seconds","type":"double","doc":"duration of the job without the wait for its labels, seconds"}]},"doc":"what the trainer said"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** version, from 1. */
  declare readonly version: number;
  /** digest of the bundle. */
  declare readonly bundle: string;
  /** training that made it. */
  declare readonly training: string;
  /** what the trainer said. */
  declare readonly trained: ModelTrainedFields;

  constructor(fields: ModelVersionRegisteredFields) {
    super();
    this.model = fields.model;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.training = fields.training;
    this.trained = fields.trained;
  }
}
