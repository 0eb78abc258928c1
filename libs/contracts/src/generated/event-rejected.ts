// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { SourcePosition } from './named-types.ts';

/** A posted record that could not be accepted, with its original bytes. */
export interface EventRejectedFields {
  /** stream it was posted to. */
  readonly stream: string;
  /** position of the posted record. */
  readonly source: SourcePosition;
  /** cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, WRONG_LANE …. */
  readonly code: string;
  /** cause and what to do about it, for people. */
  readonly reason: string;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  readonly acceptedAt: number;
  /** key as posted. */
  readonly key: Buffer | null;
  /** value as posted, byte for byte. */
  readonly value: Buffer | null;
  /** headers as posted. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** A posted record that could not be accepted, with its original bytes. */
export class EventRejected extends Event<'event-rejected'> {
  static readonly stem = 'event-rejected';
  static readonly schemaId = 12;
  static readonly schema: object = {"type":"record","name":"EventRejected","namespace":"millrace","doc":"A posted record that could not be accepted, with its original bytes.","fields":[{"name":"stream","type":"string","doc":"stream it was posted to"},{"name":"source","type":{"type":"record","name":"SourcePosition","doc":"Where the posted record stands.","fields":[{"name":"topic","type":"string","doc":"topic it was posted to"},{"name":"partition","type":"int","doc":"its partition"},{"name":"offset","type":"long","doc":"its offset"}]},"doc":"position of the posted record"},{"name":"code","type":"string","doc":"cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, WRONG_LANE …"},{"name":"reason","type":"string","doc":"cause and what to do about it, for people"},{"name":"acceptedAt","type":"long","doc":"append time of the posted record, milliseconds since 1970-01-01T00:00Z"},{"name":"key","type":["null","bytes"],"doc":"key as posted"},{"name":"value","type":["null","bytes"],"doc":"value as posted, byte for byte"},{"name":"headers","type":{"type":"map","values":"bytes"},"doc":"headers as posted"}]};

  /** stream it was posted to. */
  declare readonly stream: string;
  /** position of the posted record. */
  declare readonly source: SourcePosition;
  /** cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, WRONG_LANE …. */
  declare readonly code: string;
  /** cause and what to do about it, for people. */
  declare readonly reason: string;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  declare readonly acceptedAt: number;
  /** key as posted. */
  declare readonly key: Buffer | null;
  /** value as posted, byte for byte. */
  declare readonly value: Buffer | null;
  /** headers as posted. */
  declare readonly headers: Readonly<Record<string, Buffer>>;

  constructor(fields: EventRejectedFields) {
    super();
    this.stream = fields.stream;
    this.source = fields.source;
    this.code = fields.code;
    this.reason = fields.reason;
    this.acceptedAt = fields.acceptedAt;
    this.key = fields.key;
    this.value = fields.value;
    this.headers = fields.headers;
  }
}
