// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { EventId, FeatureVector } from './named-types.ts';

/** The features of one event that a model predicts, read at the time of the event. */
export interface VectorComputedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** event to predict; also the prediction id. */
  readonly eventId: EventId;
  /** keys of the entities that were read, in the order of the definition. */
  readonly entityKeys: readonly string[];
  /** time of the event, milliseconds since 1970-01-01T00:00Z. */
  readonly eventTime: number;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  readonly acceptedAt: number;
  /** offset of the event in its lane of event-ingested. */
  readonly position: number;
  /** one vector per active feature set. */
  readonly vectors: readonly FeatureVector[];
}

/** The features of one event that a model predicts, read at the time of the event. */
export class VectorComputed extends Event<'vector-computed'> {
  static readonly stem = 'vector-computed';
  static readonly schemaId = 20;
  static readonly schema: object = {"type":"record","name":"VectorComputed","namespace":"millrace","doc":"The features of one event that a model predicts, read at the time of the event.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"eventId","type":{"type":"fixed","name":"EventId","size":16,"doc":"first half of SHA-256(stream, 0x00, id as text)"},"doc":"event to predict; also the prediction id"},{"name":"entityKeys","type":{"type":"array","items":"string"},"doc":"keys of the entities that were read, in the order of the definition"},{"name":"eventTime","type":"long","doc":"time of the event, milliseconds since 1970-01-01T00:00Z"},{"name":"acceptedAt","type":"long","doc":"append time of the posted record, milliseconds since 1970-01-01T00:00Z"},{"name":"position","type":"long","doc":"offset of the event in its lane of event-ingested"},{"name":"vectors","type":{"type":"array","items":{"type":"record","name":"FeatureVector","doc":"One vector per active feature set.","fields":[{"name":"featureSet","type":"string","doc":"hash of the ordered list of features"},{"name":"numeric","type":{"type":"array","items":"float"},"doc":"numeric features in order; NaN = missing"},{"name":"categorical","type":{"type":"array","items":"string"},"doc":"categorical features in order"}]}},"doc":"one vector per active feature set"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** event to predict; also the prediction id. */
  declare readonly eventId: EventId;
  /** keys of the entities that were read, in the order of the definition. */
  declare readonly entityKeys: readonly string[];
  /** time of the event, milliseconds since 1970-01-01T00:00Z. */
  declare readonly eventTime: number;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  declare readonly acceptedAt: number;
  /** offset of the event in its lane of event-ingested. */
  declare readonly position: number;
  /** one vector per active feature set. */
  declare readonly vectors: readonly FeatureVector[];

  constructor(fields: VectorComputedFields) {
    super();
    this.model = fields.model;
    this.eventId = fields.eventId;
    this.entityKeys = fields.entityKeys;
    this.eventTime = fields.eventTime;
    this.acceptedAt = fields.acceptedAt;
    this.position = fields.position;
    this.vectors = fields.vectors;
  }
}
