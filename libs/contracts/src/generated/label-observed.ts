// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { EventId } from './named-types.ts';

/** The outcome of an event that a model predicts became known. */
export interface LabelObservedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the judged event. */
  readonly eventId: EventId;
  /** the label; 0 or 1 for a classifier. */
  readonly value: number;
  /** time of the event that brought the outcome, milliseconds since 1970-01-01T00:00Z. */
  readonly labelTime: number;
  /** offset of that event in its lane of event-ingested. */
  readonly position: number;
  /** highest event time the lane had seen, milliseconds since 1970-01-01T00:00Z. */
  readonly laneTime: number;
}

/** The outcome of an event that a model predicts became known. */
export class LabelObserved extends Event<'label-observed'> {
  static readonly stem = 'label-observed';
  static readonly schemaId = 21;
  static readonly schema: object = {"type":"record","name":"LabelObserved","namespace":"millrace","doc":"The outcome of an event that a model predicts became known.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"eventId","type":{"type":"fixed","name":"EventId","size":16,"doc":"first half of SHA-256(stream, 0x00, id as text)"},"doc":"the judged event"},{"name":"value","type":"double","doc":"the label; 0 or 1 for a classifier"},{"name":"labelTime","type":"long","doc":"time of the event that brought the outcome, milliseconds since 1970-01-01T00:00Z"},{"name":"position","type":"long","doc":"offset of that event in its lane of event-ingested"},{"name":"laneTime","type":"long","doc":"highest event time the lane had seen, milliseconds since 1970-01-01T00:00Z"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the judged event. */
  declare readonly eventId: EventId;
  /** the label; 0 or 1 for a classifier. */
  declare readonly value: number;
  /** time of the event that brought the outcome, milliseconds since 1970-01-01T00:00Z. */
  declare readonly labelTime: number;
  /** offset of that event in its lane of event-ingested. */
  declare readonly position: number;
  /** highest event time the lane had seen, milliseconds since 1970-01-01T00:00Z. */
  declare readonly laneTime: number;

  constructor(fields: LabelObservedFields) {
    super();
    this.model = fields.model;
    this.eventId = fields.eventId;
    this.value = fields.value;
    this.labelTime = fields.labelTime;
    this.position = fields.position;
    this.laneTime = fields.laneTime;
  }
}
