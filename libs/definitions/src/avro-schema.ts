import type { FieldDefinition, StreamDefinition } from './definition-set.ts';
import type { FieldKind } from './field.ts';

const types: Readonly<Record<FieldKind, unknown>> = {
  whole: 'long',
  real: 'double',
  text: 'string',
  instant: { type: 'long', logicalType: 'timestamp-millis' },
  flag: 'boolean',
};

export interface AvroRecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly doc?: string }[];
}

/**
 * Avro schema of the records that producers post to a stream.
 *
 * @example avroSchemaOf(arrivals).name // 'Arrivals'
 */
export function avroSchemaOf(stream: StreamDefinition): AvroRecordSchema {
  const name = stream.name.split('-').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return {
    type: 'record',
    name,
    namespace: 'millrace.streams',
    fields: stream.fields.map((field) => ({ name: field.name, type: types[field.kind], ...docOf(field) })),
  };
}

function docOf({ unit }: FieldDefinition): { doc?: string } {
  return unit === undefined ? {} : { doc: unit };
}
