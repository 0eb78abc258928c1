// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** The candidate is the champion now. */
export interface RolloutCompletedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the rollout. */
  readonly rolloutId: string;
  /** the new champion. */
  readonly version: number;
  /** its digest. */
  readonly bundle: string;
}

/** The candidate is the champion now. */
export class RolloutCompleted extends Event<'rollout-completed'> {
  static readonly stem = 'rollout-completed';
  static readonly schemaId = 72;
  static readonly schema: object = {"type":"record","name":"RolloutCompleted","namespace":"millrace","doc":"The candidate is the champion now.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the rollout"},{"name":"version","type":"int","doc":"the new champion"},{"name":"bundle","type":"string","doc":"its digest"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the rollout. */
  declare readonly rolloutId: string;
  /** the new champion. */
  declare readonly version: number;
  /** its digest. */
  declare readonly bundle: string;

  constructor(fields: RolloutCompletedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.version = fields.version;
    this.bundle = fields.bundle;
  }
}
