// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A version begins to take over: staging first, then its steps. */
export interface RolloutStartedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** id of the rollout. */
  readonly rolloutId: string;
  /** the candidate. */
  readonly version: number;
  /** its digest. */
  readonly bundle: string;
  /** the champion at the start; null for the first version. */
  readonly previousVersion: number | null;
  /** its digest. */
  readonly previousBundle: string | null;
  /** weights in per cent, ascending to 100. */
  readonly steps: readonly number[];
}

/** A version begins to take over: staging first, then its steps. */
export class RolloutStarted extends Event<'rollout-started'> {
  static readonly stem = 'rollout-started';
  static readonly schemaId = 70;
  static readonly schema: object = {"type":"record","name":"RolloutStarted","namespace":"millrace","doc":"A version begins to take over: staging first, then its steps.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"id of the rollout"},{"name":"version","type":"int","doc":"the candidate"},{"name":"bundle","type":"string","doc":"its digest"},{"name":"previousVersion","type":["null","int"],"doc":"the champion at the start; null for the first version"},{"name":"previousBundle","type":["null","string"],"doc":"its digest"},{"name":"steps","type":{"type":"array","items":"int"},"doc":"weights in per cent, ascending to 100"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** id of the rollout. */
  declare readonly rolloutId: string;
  /** the candidate. */
  declare readonly version: number;
  /** its digest. */
  declare readonly bundle: string;
  /** the champion at the start; null for the first version. */
  declare readonly previousVersion: number | null;
  /** its digest. */
  declare readonly previousBundle: string | null;
  /** weights in per cent, ascending to 100. */
  declare readonly steps: readonly number[];

  constructor(fields: RolloutStartedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.previousVersion = fields.previousVersion;
    this.previousBundle = fields.previousBundle;
    this.steps = fields.steps;
  }
}
