// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { Cut, SourcePosition } from './named-types.ts';

/** A posted record that could not be accepted, with its original bytes; or a batch of records that cannot be decoded, which has this one outcome. */
export interface EventRejectedFields {
  /** stream it was posted to. */
  readonly stream: string;
  /** position of the posted record; of a batch: of its first record. */
  readonly source: SourcePosition;
  /** how many offsets this is the outcome of, from that of source on: 1, or all of a batch that cannot be decoded. */
  readonly offsets: number;
  /** cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, TOO_LARGE …; of a batch RECORD_BATCH_CORRUPT, COMPRESSED_BATCH_TOO_LARGE or COMPRESSION_UNSUPPORTED. */
  readonly code: string;
  /** cause and what to do about it, for people. */
  readonly reason: string;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z; 0 where a damaged batch does not tell. */
  readonly acceptedAt: number;
  /** key as posted. */
  readonly key: Buffer | null;
  /** value as posted, byte for byte; of a batch: the batch as it lies in the log, from its base offset on. */
  readonly value: Buffer | null;
  /** headers as posted. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** what was cut, since together they did not fit; empty: all bytes are here. The whole stands at source as long as its topic keeps it. */
  readonly cuts: readonly Cut[];
}

/** A posted record that could not be accepted, with its original bytes; or a batch of records that cannot be decoded, which has this one outcome. */
export class EventRejected extends Event<'event-rejected'> {
  static readonly stem = 'event-rejected';
  static readonly schemaId = 12;
  static readonly schema: object = {"type":"record","name":"EventRejected","namespace":"millrace","doc":"A posted record that could not be accepted, with its original bytes; or a batch of records that cannot be decoded, which has this one outcome.","fields":[{"name":"stream","type":"string","doc":"stream it was posted to"},{"name":"source","type":{"type":"record","name":"SourcePosition","doc":"Where the posted record stands.","fields":[{"name":"topic","type":"string","doc":"topic it was posted to"},{"name":"partition","type":"int","doc":"its partition"},{"name":"offset","type":"long","doc":"its offset"}]},"doc":"position of the posted record; of a batch: of its first record"},{"name":"offsets","type":"long","doc":"how many offsets this is the outcome of, from that of source on: 1, or all of a batch that cannot be decoded"},{"name":"code","type":"string","doc":"cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, TOO_LARGE …; of a batch RECORD_BATCH_CORRUPT, COMPRESSED_BATCH_TOO_LARGE or COMPRESSION_UNSUPPORTED"},{"name":"reason","type":"string","doc":"cause and what to do about it, for people"},{"name":"acceptedAt","type":"long","doc":"append time of the posted record, milliseconds since 1970-01-01T00:00Z; 0 where a damaged batch does not tell"},{"name":"key","type":["null","bytes"],"doc":"key as posted"},{"name":"value","type":["null","bytes"],"doc":"value as posted, byte for byte; of a batch: the batch as it lies in the log, from its base offset on"},{"name":"headers","type":{"type":"map","values":"bytes"},"doc":"headers as posted"},{"name":"cuts","type":{"type":"array","items":{"type":"record","name":"Cut","doc":"A part that did not fit into one record.","fields":[{"name":"part","type":"string","doc":"'key', 'value' (cut to their first bytes) or 'headers' (left out)"},{"name":"bytes","type":"long","doc":"length as posted; of headers: of all names and values"},{"name":"sha256","type":"bytes","doc":"SHA-256 of what was posted; of headers: of name, zero byte, value, zero byte, one after the other"}]}},"doc":"what was cut, since together they did not fit; empty: all bytes are here. The whole stands at source as long as its topic keeps it"}]};

  /** stream it was posted to. */
  declare readonly stream: string;
  /** position of the posted record; of a batch: of its first record. */
  declare readonly source: SourcePosition;
  /** how many offsets this is the outcome of, from that of source on: 1, or all of a batch that cannot be decoded. */
  declare readonly offsets: number;
  /** cause, for machines: NOT_AVRO, UNKNOWN_SCHEMA, INVALID_FIELD, FROM_THE_FUTURE, TOO_LARGE …; of a batch RECORD_BATCH_CORRUPT, COMPRESSED_BATCH_TOO_LARGE or COMPRESSION_UNSUPPORTED. */
  declare readonly code: string;
  /** cause and what to do about it, for people. */
  declare readonly reason: string;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z; 0 where a damaged batch does not tell. */
  declare readonly acceptedAt: number;
  /** key as posted. */
  declare readonly key: Buffer | null;
  /** value as posted, byte for byte; of a batch: the batch as it lies in the log, from its base offset on. */
  declare readonly value: Buffer | null;
  /** headers as posted. */
  declare readonly headers: Readonly<Record<string, Buffer>>;
  /** what was cut, since together they did not fit; empty: all bytes are here. The whole stands at source as long as its topic keeps it. */
  declare readonly cuts: readonly Cut[];

  constructor(fields: EventRejectedFields) {
    super();
    this.stream = fields.stream;
    this.source = fields.source;
    this.offsets = fields.offsets;
    this.code = fields.code;
    this.reason = fields.reason;
    this.acceptedAt = fields.acceptedAt;
    this.key = fields.key;
    this.value = fields.value;
    this.headers = fields.headers;
    this.cuts = fields.cuts;
  }
}
