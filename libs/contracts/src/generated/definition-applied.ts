// Generated from schemas/*.avsc by `npm run generate`. Do not edit.
import { Event } from '../event.ts';
import type { StreamSchema } from './named-types.ts';

/** A set of definitions was accepted as a whole. */
export interface DefinitionAppliedFields {
  /** SHA-256 of the canonical JSON, hex. */
  readonly hash: string;
  /** canonical JSON of the whole set. */
  readonly definitions: string;
  /** Avro schemas of the streams, all that ever were in force. */
  readonly schemas: readonly StreamSchema[];
  /** milliseconds since 1970-01-01T00:00Z. */
  readonly appliedAt: number;
  /** who applied it. */
  readonly by: string;
}

/** A set of definitions was accepted as a whole. */
export class DefinitionApplied extends Event<'definition-applied'> {
  static readonly stem = 'definition-applied';
  static readonly schemaId = 2;
  static readonly schema: object = {"type":"record","name":"DefinitionApplied","namespace":"millrace","doc":"A set of definitions was accepted as a whole.","fields":[{"name":"hash","type":"string","doc":"SHA-256 of the canonical JSON, hex"},{"name":"definitions","type":"string","doc":"canonical JSON of the whole set"},{"name":"schemas","type":{"type":"array","items":{"type":"record","name":"StreamSchema","doc":"Avro schema of a stream.","fields":[{"name":"stream","type":"string","doc":"name of the stream"},{"name":"schemaId","type":"int","doc":"its id, from 1000 on"},{"name":"schema","type":"string","doc":"Avro schema, JSON"}]}},"doc":"Avro schemas of the streams, all that ever were in force"},{"name":"appliedAt","type":"long","doc":"milliseconds since 1970-01-01T00:00Z"},{"name":"by","type":"string","doc":"who applied it"}]};

  /** SHA-256 of the canonical JSON, hex. */
  declare readonly hash: string;
  /** canonical JSON of the whole set. */
  declare readonly definitions: string;
  /** Avro schemas of the streams, all that ever were in force. */
  declare readonly schemas: readonly StreamSchema[];
  /** milliseconds since 1970-01-01T00:00Z. */
  declare readonly appliedAt: number;
  /** who applied it. */
  declare readonly by: string;

  constructor(fields: DefinitionAppliedFields) {
    super();
    this.hash = fields.hash;
    this.definitions = fields.definitions;
    this.schemas = fields.schemas;
    this.appliedAt = fields.appliedAt;
    this.by = fields.by;
  }
}
