// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** First record of a workspace: what never changes in its generation. */
export interface WorkspaceCreatedFields {
  /** lanes. */
  readonly lanes: number;
  /** slots per lane. */
  readonly slots: number;
  /** milliseconds since 1970-01-01T00:00Z. */
  readonly createdAt: number;
}

/** First record of a workspace: what never changes in its generation. */
export class WorkspaceCreated extends Event<'workspace-created'> {
  static readonly stem = 'workspace-created';
  static readonly schemaId = 1;
  static readonly schema: object = {"type":"record","name":"WorkspaceCreated","namespace":"millrace","doc":"First record of a workspace: what never changes in its generation.","fields":[{"name":"lanes","type":"int","doc":"lanes"},{"name":"slots","type":"int","doc":"slots per lane"},{"name":"createdAt","type":"long","doc":"milliseconds since 1970-01-01T00:00Z"}]};

  /** lanes. */
  declare readonly lanes: number;
  /** slots per lane. */
  declare readonly slots: number;
  /** milliseconds since 1970-01-01T00:00Z. */
  declare readonly createdAt: number;

  constructor(fields: WorkspaceCreatedFields) {
    super();
    this.lanes = fields.lanes;
    this.slots = fields.slots;
    this.createdAt = fields.createdAt;
  }
}
