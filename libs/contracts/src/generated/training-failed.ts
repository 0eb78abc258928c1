// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A training ended without a bundle. */
export interface TrainingFailedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** id of the training. */
  readonly training: string;
  /** cause, for machines. */
  readonly code: string;
  /** cause, for people. */
  readonly reason: string;
  /** whether the same training may succeed later. */
  readonly retriable: boolean;
}

/** A training ended without a bundle. */
export class TrainingFailed extends Event<'training-failed'> {
  static readonly stem = 'training-failed';
  static readonly schemaId = 52;
  static readonly schema: object = {"type":"record","name":"TrainingFailed","namespace":"millrace","doc":"A training ended without a bundle.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"training","type":"string","doc":"id of the training"},{"name":"code","type":"string","doc":"cause, for machines"},{"name":"reason","type":"string","doc":"cause, for people"},{"name":"retriable","type":"boolean","doc":"whether the same training may succeed later"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** id of the training. */
  declare readonly training: string;
  /** cause, for machines. */
  declare readonly code: string;
  /** cause, for people. */
  declare readonly reason: string;
  /** whether the same training may succeed later. */
  declare readonly retriable: boolean;

  constructor(fields: TrainingFailedFields) {
    super();
    this.model = fields.model;
    this.training = fields.training;
    this.code = fields.code;
    this.reason = fields.reason;
    this.retriable = fields.retriable;
  }
}
