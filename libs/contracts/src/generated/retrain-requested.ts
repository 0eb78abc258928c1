// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A model should be trained again: why, on what evidence, from which data on. */
export interface RetrainRequestedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** hash of model, champion digest and first violated window; at most one request each. */
  readonly episode: string;
  /** labels, worse, miscalibrated or manual. */
  readonly trigger: string;
  /** the figures, each as a sentence. */
  readonly evidence: readonly string[];
  /** labels count from this event time on, milliseconds since 1970-01-01T00:00Z; -62135596800000, the beginning of the year 1, for all. */
  readonly since: number;
  /** the data set ends at the position of this many labels. */
  readonly newLabels: number;
  /** version that serves; null before the first. */
  readonly championVersion: number | null;
  /** its digest. */
  readonly championBundle: string | null;
  /** definitions to train by. */
  readonly definitionHash: string;
}

/** A model should be trained again: why, on what evidence, from which data on. */
export class RetrainRequested extends Event<'retrain-requested'> {
  static readonly stem = 'retrain-requested';
  static readonly schemaId = 43;
  static readonly schema: object = {"type":"record","name":"RetrainRequested","namespace":"millrace","doc":"A model should be trained again: why, on what evidence, from which data on.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"episode","type":"string","doc":"hash of model, champion digest and first violated window; at most one request each"},{"name":"trigger","type":"string","doc":"labels, worse, miscalibrated or manual"},{"name":"evidence","type":{"type":"array","items":"string"},"doc":"the figures, each as a sentence"},{"name":"since","type":"long","doc":"labels count from this event time on, milliseconds since 1970-01-01T00:00Z; -62135596800000, the beginning of the year 1, for all"},{"name":"newLabels","type":"long","doc":"the data set ends at the position of this many labels"},{"name":"championVersion","type":["null","int"],"doc":"version that serves; null before the first"},{"name":"championBundle","type":["null","string"],"doc":"its digest"},{"name":"definitionHash","type":"string","doc":"definitions to train by"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** hash of model, champion digest and first violated window; at most one request each. */
  declare readonly episode: string;
  /** labels, worse, miscalibrated or manual. */
  declare readonly trigger: string;
  /** the figures, each as a sentence. */
  declare readonly evidence: readonly string[];
  /** labels count from this event time on, milliseconds since 1970-01-01T00:00Z; -62135596800000, the beginning of the year 1, for all. */
  declare readonly since: number;
  /** the data set ends at the position of this many labels. */
  declare readonly newLabels: number;
  /** version that serves; null before the first. */
  declare readonly championVersion: number | null;
  /** its digest. */
  declare readonly championBundle: string | null;
  /** definitions to train by. */
  declare readonly definitionHash: string;

  constructor(fields: RetrainRequestedFields) {
    super();
    this.model = fields.model;
    this.episode = fields.episode;
    this.trigger = fields.trigger;
    this.evidence = fields.evidence;
    this.since = fields.since;
    this.newLabels = fields.newLabels;
    this.championVersion = fields.championVersion;
    this.championBundle = fields.championBundle;
    this.definitionHash = fields.definitionHash;
  }
}
