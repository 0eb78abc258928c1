// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A slot can score with this version: loaded, golden answers equal. */
export interface ModelLoadedFields {
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
  /** execution provider that answers: cpu, cuda …. */
  readonly provider: string;
  /** process that loaded it. */
  readonly instance: string;
}

/** A slot can score with this version: loaded, golden answers equal. */
export class ModelLoaded extends Event<'model-loaded'> {
  static readonly stem = 'model-loaded';
  static readonly schemaId = 31;
  static readonly schema: object = {"type":"record","name":"ModelLoaded","namespace":"millrace","doc":"A slot can score with this version: loaded, golden answers equal.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the rollout"},{"name":"slot","type":"int","doc":"slot"},{"name":"version","type":"int","doc":"version"},{"name":"bundle","type":"string","doc":"its digest"},{"name":"provider","type":"string","doc":"execution provider that answers: cpu, cuda …"},{"name":"instance","type":"string","doc":"process that loaded it"}]};

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
  /** execution provider that answers: cpu, cuda …. */
  declare readonly provider: string;
  /** process that loaded it. */
  declare readonly instance: string;

  constructor(fields: ModelLoadedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.slot = fields.slot;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.provider = fields.provider;
    this.instance = fields.instance;
  }
}
