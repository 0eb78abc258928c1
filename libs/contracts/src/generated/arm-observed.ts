// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { ArmCounts, Role } from './named-types.ts';

/** What one arm answered since the route epoch began, by slot; only while a rollout runs. */
export interface ArmObservedFields {
  /** name of the model as declared. */
  readonly model: string;
  /** the running rollout. */
  readonly rolloutId: string;
  /** route epoch. */
  readonly epoch: number;
  /** the arm. */
  readonly role: Role;
  /** its version. */
  readonly version: number;
  /** counts by slot. */
  readonly slots: readonly ArmCounts[];
}

/** What one arm answered since the route epoch began, by slot; only while a rollout runs. */
export class ArmObserved extends Event<'arm-observed'> {
  static readonly stem = 'arm-observed';
  static readonly schemaId = 42;
  static readonly schema: object = {"type":"record","name":"ArmObserved","namespace":"millrace","doc":"What one arm answered since the route epoch began, by slot; only while a rollout runs.","fields":[{"name":"model","type":"string","doc":"name of the model as declared"},{"name":"rolloutId","type":"string","doc":"the running rollout"},{"name":"epoch","type":"int","doc":"route epoch"},{"name":"role","type":{"type":"enum","name":"Role","symbols":["CHAMPION","CANARY","PREVIOUS","SHADOW"],"doc":"the arm that answered"},"doc":"the arm"},{"name":"version","type":"int","doc":"its version"},{"name":"slots","type":{"type":"array","items":{"type":"record","name":"ArmCounts","doc":"Counts of one slot, cumulative since the epoch began.","fields":[{"name":"slot","type":"int","doc":"slot"},{"name":"ok","type":"long","doc":"scored"},{"name":"fallback","type":"long","doc":"by the previous version"},{"name":"failed","type":"long","doc":"without score"},{"name":"latencyMsSum","type":"double","doc":"sum of latencies, milliseconds"}]}},"doc":"counts by slot"}]};

  /** name of the model as declared. */
  declare readonly model: string;
  /** the running rollout. */
  declare readonly rolloutId: string;
  /** route epoch. */
  declare readonly epoch: number;
  /** the arm. */
  declare readonly role: Role;
  /** its version. */
  declare readonly version: number;
  /** counts by slot. */
  declare readonly slots: readonly ArmCounts[];

  constructor(fields: ArmObservedFields) {
    super();
    this.model = fields.model;
    this.rolloutId = fields.rolloutId;
    this.epoch = fields.epoch;
    this.role = fields.role;
    this.version = fields.version;
    this.slots = fields.slots;
  }
}
