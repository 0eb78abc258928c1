// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { CommandKind } from './named-types.ts';

/** An operator asks for something. */
export interface CommandIssuedFields {
  /** identity: a second one is ignored. */
  readonly commandId: string;
  /** what is asked for. */
  readonly kind: CommandKind;
  /** name of the model as declared. */
  readonly model: string;
  /** version it is about. */
  readonly version: number | null;
  /** who asks. */
  readonly who: string;
  /** the reason given. */
  readonly why: string;
  /** milliseconds since 1970-01-01T00:00Z. */
  readonly issuedAt: number;
}

/** An operator asks for something. */
export class CommandIssued extends Event<'command-issued'> {
  static readonly stem = 'command-issued';
  static readonly schemaId = 3;
  static readonly schema: object = {"type":"record","name":"CommandIssued","namespace":"millrace","doc":"An operator asks for something.","fields":[{"name":"commandId","type":"string","doc":"identity: a second one is ignored"},{"name":"kind","type":{"type":"enum","name":"CommandKind","symbols":["RETRAIN","APPROVE","REJECT","PROMOTE","PAUSE","ABORT","ROLL_BACK","SCORE_BATCH"],"doc":"what is asked for"},"doc":"what is asked for"},{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"version","type":["null","int"],"doc":"version it is about"},{"name":"who","type":"string","doc":"who asks"},{"name":"why","type":"string","doc":"the reason given"},{"name":"issuedAt","type":"long","doc":"milliseconds since 1970-01-01T00:00Z"}]};

  /** identity: a second one is ignored. */
  declare readonly commandId: string;
  /** what is asked for. */
  declare readonly kind: CommandKind;
  /** name of the model as declared. */
  declare readonly model: string;
  /** version it is about. */
  declare readonly version: number | null;
  /** who asks. */
  declare readonly who: string;
  /** the reason given. */
  declare readonly why: string;
  /** milliseconds since 1970-01-01T00:00Z. */
  declare readonly issuedAt: number;

  constructor(fields: CommandIssuedFields) {
    super();
    this.commandId = fields.commandId;
    this.kind = fields.kind;
    this.model = fields.model;
    this.version = fields.version;
    this.who = fields.who;
    this.why = fields.why;
    this.issuedAt = fields.issuedAt;
  }
}
