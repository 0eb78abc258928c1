// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';

/** A slot answers by this route from this offset on. */
export interface RouteAdoptedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the rollout. */
  readonly rolloutId: string;
  /** slot. */
  readonly slot: number;
  /** route epoch. */
  readonly epoch: number;
  /** first offset of feature-vectors that it applies to. */
  readonly offset: number;
  /** process that adopted it. */
  readonly instance: string;
}

/** A slot answers by this route from this offset on. */
export class RouteAdopted extends Event<'route-adopted'> {
  static readonly stem = 'route-adopted';
  static readonly schemaId = 33;
  static readonly schema: object = {"type":"record","name":"RouteAdopted","namespace":"millrace","doc":"A slot answers by this route from this offset on.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the rollout"},{"name":"slot","type":"int","doc":"slot"},{"name":"epoch","type":"int","doc":"route epoch"},{"name":"offset","type":"long","doc":"first offset of feature-vectors that it applies to"},{"name":"instance","type":"string","doc":"process that adopted it"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the rollout. */
  declare readonly rolloutId: string;
  /** slot. */
  declare readonly slot: number;
  /** route epoch. */
  declare readonly epoch: number;
  /** first offset of feature-vectors that it applies to. */
  declare readonly offset: number;
  /** process that adopted it. */
  declare readonly instance: string;

  constructor(fields: RouteAdoptedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.slot = fields.slot;
    this.epoch = fields.epoch;
    this.offset = fields.offset;
    this.instance = fields.instance;
  }
}
