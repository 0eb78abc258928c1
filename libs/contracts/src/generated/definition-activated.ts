// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { StreamSchema } from './named-types.ts';

/** From this position of the lane on, a set of definitions holds. */
export interface DefinitionActivatedFields {
  /** SHA-256 of the canonical JSON, hex. */
  readonly hash: string;
  /** canonical JSON of the whole set: streams, entities, views, models. */
  readonly definitions: string;
  /** Avro schemas of the streams, all that ever were in force. */
  readonly schemas: readonly StreamSchema[];
  /** offset of definition-applied in the definitions topic. */
  readonly appliedOffset: number;
}

/** From this position of the lane on, a set of definitions holds. */
export class DefinitionActivated extends Event<'definition-activated'> {
  static readonly stem = 'definition-activated';
  static readonly schemaId = 11;
  static readonly schema: object = {"type":"record","name":"DefinitionActivated","namespace":"millrace","doc":"From this position of the lane on, a set of definitions holds.","fields":[{"name":"hash","type":"string","doc":"SHA-256 of the canonical JSON, hex"},{"name":"definitions","type":"string","doc":"canonical JSON of the whole set: streams, entities, views, models"},{"name":"schemas","type":{"type":"array","items":{"type":"record","name":"StreamSchema","doc":"Avro schema of a stream.","fields":[{"name":"stream","type":"string","doc":"name of the stream"},{"name":"schemaId","type":"int","doc":"its id, from 1000 on"},{"name":"schema","type":"string","doc":"Avro schema, JSON"}]}},"doc":"Avro schemas of the streams, all that ever were in force"},{"name":"appliedOffset","type":"long","doc":"offset of definition-applied in the definitions topic"}]};

  /** SHA-256 of the canonical JSON, hex. */
  declare readonly hash: string;
  /** canonical JSON of the whole set: streams, entities, views, models. */
  declare readonly definitions: string;
  /** Avro schemas of the streams, all that ever were in force. */
  declare readonly schemas: readonly StreamSchema[];
  /** offset of definition-applied in the definitions topic. */
  declare readonly appliedOffset: number;

  constructor(fields: DefinitionActivatedFields) {
    super();
    this.hash = fields.hash;
    this.definitions = fields.definitions;
    this.schemas = fields.schemas;
    this.appliedOffset = fields.appliedOffset;
  }
}
