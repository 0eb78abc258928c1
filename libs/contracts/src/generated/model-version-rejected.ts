// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { Verdict } from './named-types.ts';

/** At least one gate failed. */
export interface ModelVersionRejectedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the version. */
  readonly version: number;
  /** digest of the bundle. */
  readonly bundle: string;
  /** verdicts of all gates. */
  readonly verdicts: readonly Verdict[];
  /** gates, or who rejected. */
  readonly rejectedBy: string;
}

/** At least one gate failed. */
export class ModelVersionRejected extends Event<'model-version-rejected'> {
  static readonly stem = 'model-version-rejected';
  static readonly schemaId = 62;
  static readonly schema: object = {"type":"record","name":"ModelVersionRejected","namespace":"millrace","doc":"At least one gate failed.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"version","type":"int","doc":"the version"},{"name":"bundle","type":"string","doc":"digest of the bundle"},{"name":"verdicts","type":{"type":"array","items":{"type":"record","name":"Verdict","doc":"What one gate found.","fields":[{"name":"gate","type":"string","doc":"name of the gate"},{"name":"passed","type":"boolean","doc":"whether it passed"},{"name":"value","type":"double","doc":"the figure judged"},{"name":"limit","type":"double","doc":"what it was held against"},{"name":"sentence","type":"string","doc":"the verdict in words"}]}},"doc":"verdicts of all gates"},{"name":"rejectedBy","type":"string","doc":"gates, or who rejected"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the version. */
  declare readonly version: number;
  /** digest of the bundle. */
  declare readonly bundle: string;
  /** verdicts of all gates. */
  declare readonly verdicts: readonly Verdict[];
  /** gates, or who rejected. */
  declare readonly rejectedBy: string;

  constructor(fields: ModelVersionRejectedFields) {
    super();
    this.model = fields.model;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.verdicts = fields.verdicts;
    this.rejectedBy = fields.rejectedBy;
  }
}
