// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { RetrainRequestedFields } from './retrain-requested.ts';

/** A training was accepted; its job runs until trained or failed. */
export interface TrainingStartedFields {
  /** id of the training: the episode of its request. */
  readonly training: string;
  /** the request that caused it. */
  readonly request: RetrainRequestedFields;
}

/** A training was accepted; its job runs until trained or failed. */
export class TrainingStarted extends Event<'training-started'> {
  static readonly stem = 'training-started';
  static readonly schemaId = 50;
  static readonly schema: object = {"type":"record","name":"TrainingStarted","namespace":"millrace","doc":"A training was accepted; its job runs until trained or failed.","fields":[{"name":"training","type":"string","doc":"id of the training: the episode of its request"},{"name":"request","type":{"type":"record","name":"RetrainRequested","doc":"A model should be trained again: why, on what evidence, from which data on.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"episode","type":"string","doc":"hash of model, champion digest and first violated window; at most one request each"},{"name":"trigger","type":"string","doc":"labels, worse, miscalibrated or manual"},{"name":"evidence","type":{"type":"array","items":"string"},"doc":"the figures, each as a sentence"},{"name":"since","type":"long","doc":"labels count from this event time on, milliseconds since 1970-01-01T00:00Z; -62135596800000, the beginning of the year 1, for all"},{"name":"newLabels","type":"long","doc":"the data set ends at the position of this many labels"},{"name":"championVersion","type":["null","int"],"doc":"version that serves; null before the first"},{"name":"championBundle","type":["null","string"],"doc":"its digest"},{"name":"definitionHash","type":"string","doc":"definitions to train by"}]},"doc":"the request that caused it"}]};

  /** id of the training: the episode of its request. */
  declare readonly training: string;
  /** the request that caused it. */
  declare readonly request: RetrainRequestedFields;

  constructor(fields: TrainingStartedFields) {
    super();
    this.training = fields.training;
    this.request = fields.request;
  }
}
