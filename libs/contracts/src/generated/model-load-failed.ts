// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A slot cannot score with this version. */
export interface ModelLoadFailedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the rollout. */
  readonly rolloutId: string;
  /** slot. */
  readonly slot: number;
  /** version. */
  readonly version: number;
  /** its digest. */
  readonly bundle: string;
  /** cause, for machines. */
  readonly code: string;
  /** cause, for people. */
  readonly reason: string;
  /** process that tried. */
  readonly instance: string;
}

/** A slot cannot score with this version. */
export class ModelLoadFailed extends Event<'model-load-failed'> {
  static readonly stem = 'model-load-failed';
  static readonly schemaId = 32;
  static readonly schema: object = {"type":"record","name":"ModelLoadFailed","namespace":"millrace","doc":"A slot cannot score with this version.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the rollout"},{"name":"slot","type":"int","doc":"slot"},{"name":"version","type":"int","doc":"version"},{"name":"bundle","type":"string","doc":"its digest"},{"name":"code","type":"string","doc":"cause, for machines"},{"name":"reason","type":"string","doc":"cause, for people"},{"name":"instance","type":"string","doc":"process that tried"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the rollout. */
  declare readonly rolloutId: string;
  /** slot. */
  declare readonly slot: number;
  /** version. */
  declare readonly version: number;
  /** its digest. */
  declare readonly bundle: string;
  /** cause, for machines. */
  declare readonly code: string;
  /** cause, for people. */
  declare readonly reason: string;
  /** process that tried. */
  declare readonly instance: string;

  constructor(fields: ModelLoadFailedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.slot = fields.slot;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.code = fields.code;
    this.reason = fields.reason;
    this.instance = fields.instance;
  }
}
