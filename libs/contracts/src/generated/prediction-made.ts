// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { EventId, Outcome, Role } from './named-types.ts';

/** One prediction for one event. Its id is the event id. */
export interface PredictionMadeFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the predicted event. */
  readonly eventId: EventId;
  /** time of the event, milliseconds since 1970-01-01T00:00Z. */
  readonly eventTime: number;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  readonly acceptedAt: number;
  /** offset of the event in its lane of event-ingested. */
  readonly position: number;
  /** how the prediction came about. */
  readonly outcome: Outcome;
  /** probability of the label 1; null when FAILED. */
  readonly score: number | null;
  /** why it FAILED, else null. */
  readonly failure: string | null;
  /** the arm that answered. */
  readonly role: Role;
  /** model version that answered. */
  readonly version: number;
  /** digest of its bundle, SHA-256 hex. */
  readonly bundle: string;
  /** route epoch in force. */
  readonly epoch: number;
  /** rollout that set the route. */
  readonly rolloutId: string;
  /** from the read of the vector to its score, milliseconds. */
  readonly latencyMs: number;
}

/** One prediction for one event. Its id is the event id. */
export class PredictionMade extends Event<'prediction-made'> {
  static readonly stem = 'prediction-made';
  static readonly schemaId = 30;
  static readonly schema: object = {"type":"record","name":"PredictionMade","namespace":"millrace","doc":"One prediction for one event. Its id is the event id.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"eventId","type":{"type":"fixed","name":"EventId","size":16,"doc":"first half of SHA-256(stream, 0x00, id as text)"},"doc":"the predicted event"},{"name":"eventTime","type":"long","doc":"time of the event, milliseconds since 1970-01-01T00:00Z"},{"name":"acceptedAt","type":"long","doc":"append time of the posted record, milliseconds since 1970-01-01T00:00Z"},{"name":"position","type":"long","doc":"offset of the event in its lane of event-ingested"},{"name":"outcome","type":{"type":"enum","name":"Outcome","symbols":["OK","FALLBACK","FAILED"],"doc":"OK: scored by the routed version. FALLBACK: by the previous one. FAILED: no score."},"doc":"how the prediction came about"},{"name":"score","type":["null","float"],"doc":"probability of the label 1; null when FAILED"},{"name":"failure","type":["null","string"],"doc":"why it FAILED, else null"},{"name":"role","type":{"type":"enum","name":"Role","symbols":["CHAMPION","CANARY","PREVIOUS","SHADOW"],"doc":"the arm that answered"},"doc":"the arm that answered"},{"name":"version","type":"int","doc":"model version that answered"},{"name":"bundle","type":"string","doc":"digest of its bundle, SHA-256 hex"},{"name":"epoch","type":"int","doc":"route epoch in force"},{"name":"rolloutId","type":"string","doc":"rollout that set the route"},{"name":"latencyMs","type":"double","doc":"from the read of the vector to its score, milliseconds"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the predicted event. */
  declare readonly eventId: EventId;
  /** time of the event, milliseconds since 1970-01-01T00:00Z. */
  declare readonly eventTime: number;
  /** append time of the posted record, milliseconds since 1970-01-01T00:00Z. */
  declare readonly acceptedAt: number;
  /** offset of the event in its lane of event-ingested. */
  declare readonly position: number;
  /** how the prediction came about. */
  declare readonly outcome: Outcome;
  /** probability of the label 1; null when FAILED. */
  declare readonly score: number | null;
  /** why it FAILED, else null. */
  declare readonly failure: string | null;
  /** the arm that answered. */
  declare readonly role: Role;
  /** model version that answered. */
  declare readonly version: number;
  /** digest of its bundle, SHA-256 hex. */
  declare readonly bundle: string;
  /** route epoch in force. */
  declare readonly epoch: number;
  /** rollout that set the route. */
  declare readonly rolloutId: string;
  /** from the read of the vector to its score, milliseconds. */
  declare readonly latencyMs: number;

  constructor(fields: PredictionMadeFields) {
    super();
    this.model = fields.model;
    this.eventId = fields.eventId;
    this.eventTime = fields.eventTime;
    this.acceptedAt = fields.acceptedAt;
    this.position = fields.position;
    this.outcome = fields.outcome;
    this.score = fields.score;
    this.failure = fields.failure;
    this.role = fields.role;
    this.version = fields.version;
    this.bundle = fields.bundle;
    this.epoch = fields.epoch;
    this.rolloutId = fields.rolloutId;
    this.latencyMs = fields.latencyMs;
  }
}
