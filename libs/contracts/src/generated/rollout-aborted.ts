// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** The candidate was withdrawn. */
export interface RolloutAbortedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the rollout. */
  readonly rolloutId: string;
  /** the withdrawn version. */
  readonly version: number;
  /** why, for people. */
  readonly reason: string;
  /** deployer, or who ordered it. */
  readonly by: string;
}

/** The candidate was withdrawn. */
export class RolloutAborted extends Event<'rollout-aborted'> {
  static readonly stem = 'rollout-aborted';
  static readonly schemaId = 73;
  static readonly schema: object = {"type":"record","name":"RolloutAborted","namespace":"millrace","doc":"The candidate was withdrawn.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the rollout"},{"name":"version","type":"int","doc":"the withdrawn version"},{"name":"reason","type":"string","doc":"why, for people"},{"name":"by","type":"string","doc":"deployer, or who ordered it"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the rollout. */
  declare readonly rolloutId: string;
  /** the withdrawn version. */
  declare readonly version: number;
  /** why, for people. */
  declare readonly reason: string;
  /** deployer, or who ordered it. */
  declare readonly by: string;

  constructor(fields: RolloutAbortedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.version = fields.version;
    this.reason = fields.reason;
    this.by = fields.by;
  }
}
