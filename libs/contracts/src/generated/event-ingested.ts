// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { EventId, SourcePosition } from './named-types.ts';

/** One accepted event, in the total order of its lane. */
export interface EventIngestedFields {
  /** name of the stream as declared. */
  readonly stream: string;
  /** identity of the event: a function of stream and id field. */
  readonly eventId: EventId;
  /** time of the event by the stream's eventTime field, milliseconds since 1970-01-01T00:00Z. */
  readonly eventTime: number;
  /** append time of the posted record at the broker, milliseconds since 1970-01-01T00:00Z. */
  readonly acceptedAt: number;
  /** position of the posted record. */
  readonly source: SourcePosition;
  /** Avro schema of the payload: the id in the producer's frame. */
  readonly schemaId: number;
  /** Avro body as posted, without the five bytes of framing. */
  readonly payload: Buffer;
}

/** One accepted event, in the total order of its lane. */
export class EventIngested extends Event<'event-ingested'> {
  static readonly stem = 'event-ingested';
  static readonly schemaId = 10;
  static readonly schema: object = {"type":"record","name":"EventIngested","namespace":"millrace","doc":"One accepted event, in the total order of its lane.","fields":[{"name":"stream","type":"string","doc":"name of the stream as declared"},{"name":"eventId","type":{"type":"fixed","name":"EventId","size":16,"doc":"first half of SHA-256(stream, 0x00, id as text)"},"doc":"identity of the event: a function of stream and id field"},{"name":"eventTime","type":"long","doc":"time of the event by the stream's eventTime field, milliseconds since 1970-01-01T00:00Z"},{"name":"acceptedAt","type":"long","doc":"append time of the posted record at the broker, milliseconds since 1970-01-01T00:00Z"},{"name":"source","type":{"type":"record","name":"SourcePosition","doc":"Where the posted record stands.","fields":[{"name":"topic","type":"string","doc":"topic it was posted to"},{"name":"partition","type":"int","doc":"its partition"},{"name":"offset","type":"long","doc":"its offset"}]},"doc":"position of the posted record"},{"name":"schemaId","type":"int","doc":"Avro schema of the payload: the id in the producer's frame"},{"name":"payload","type":"bytes","doc":"Avro body as posted, without the five bytes of framing"}]};

  /** name of the stream as declared. */
  declare readonly stream: string;
  /** identity of the event: a function of stream and id field. */
  declare readonly eventId: EventId;
  /** time of the event by the stream's eventTime field, milliseconds since 1970-01-01T00:00Z. */
  declare readonly eventTime: number;
  /** append time of the posted record at the broker, milliseconds since 1970-01-01T00:00Z. */
  declare readonly acceptedAt: number;
  /** position of the posted record. */
  declare readonly source: SourcePosition;
  /** Avro schema of the payload: the id in the producer's frame. */
  declare readonly schemaId: number;
  /** Avro body as posted, without the five bytes of framing. */
  declare readonly payload: Buffer;

  constructor(fields: EventIngestedFields) {
    super();
    this.stream = fields.stream;
    this.eventId = fields.eventId;
    this.eventTime = fields.eventTime;
    this.acceptedAt = fields.acceptedAt;
    this.source = fields.source;
    this.schemaId = fields.schemaId;
    this.payload = fields.payload;
  }
}
