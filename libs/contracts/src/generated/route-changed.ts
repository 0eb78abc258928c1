// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { Arm } from './named-types.ts';

/** From the next batch of each slot on, these arms answer. */
export interface RouteChangedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** rollout that set the route. */
  readonly rolloutId: string;
  /** route epoch: grows by one. */
  readonly epoch: number;
  /** weights of champion and canary add up to 100. */
  readonly arms: readonly Arm[];
  /** versions that must not answer any more. */
  readonly withdrawn: readonly number[];
  /** why, for people. */
  readonly reason: string;
}

/** From the next batch of each slot on, these arms answer. */
export class RouteChanged extends Event<'route-changed'> {
  static readonly stem = 'route-changed';
  static readonly schemaId = 71;
  static readonly schema: object = {"type":"record","name":"RouteChanged","namespace":"millrace","doc":"From the next batch of each slot on, these arms answer.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"rollout that set the route"},{"name":"epoch","type":"int","doc":"route epoch: grows by one"},{"name":"arms","type":{"type":"array","items":{"type":"record","name":"Arm","doc":"One version with its share.","fields":[{"name":"role","type":{"type":"enum","name":"Role","symbols":["CHAMPION","CANARY","PREVIOUS","SHADOW"],"doc":"the arm that answered"},"doc":"champion, canary …"},{"name":"version","type":"int","doc":"version"},{"name":"bundle","type":"string","doc":"digest of its bundle"},{"name":"weight","type":"int","doc":"share of the events, per cent"}]}},"doc":"weights of champion and canary add up to 100"},{"name":"withdrawn","type":{"type":"array","items":"int"},"doc":"versions that must not answer any more"},{"name":"reason","type":"string","doc":"why, for people"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** rollout that set the route. */
  declare readonly rolloutId: string;
  /** route epoch: grows by one. */
  declare readonly epoch: number;
  /** weights of champion and canary add up to 100. */
  declare readonly arms: readonly Arm[];
  /** versions that must not answer any more. */
  declare readonly withdrawn: readonly number[];
  /** why, for people. */
  declare readonly reason: string;

  constructor(fields: RouteChangedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.epoch = fields.epoch;
    this.arms = fields.arms;
    this.withdrawn = fields.withdrawn;
    this.reason = fields.reason;
  }
}
