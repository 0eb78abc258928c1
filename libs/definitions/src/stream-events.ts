import type { IdValue } from '@millrace/contracts';

import type { FieldDefinition, StreamDefinition } from './definition-set.ts';
import type { FieldKind } from './field.ts';

type Values = Readonly<Record<string, unknown>>;

/** Why an event does not fit its stream; undefined when it does. Fields that the stream does not declare are ignored. */
export function validateEvent(stream: StreamDefinition, fields: Values): string | undefined {
  for (const field of stream.fields) {
    const fault = faultOf(field, fields[field.name]);
    if (fault !== undefined) return `field '${field.name}' ${fault}`;
  }
  return undefined;
}

/** Value that identifies an event, as eventIdOf takes it; undefined for a stream without an id. */
export function idOf(stream: StreamDefinition, fields: Values): IdValue | undefined {
  if (stream.id === undefined) return undefined;
  const value = fields[stream.id];
  return kindOf(stream, stream.id) === 'instant' ? new Date(Number(value)) : (value as IdValue);
}

/** Event time, ms since epoch. */
export function eventTimeOf(stream: StreamDefinition, fields: Values): number {
  return Number(fields[stream.eventTime]);
}

/** Kind of a field; undefined when the stream has no such field. */
export function kindOf(stream: StreamDefinition, name: string): FieldKind | undefined {
  return stream.fields.find((field) => field.name === name)?.kind;
}

function faultOf({ kind, min, max }: FieldDefinition, value: unknown): string | undefined {
  if (value === undefined || value === null) return 'is missing';
  if (!isA(kind, value)) return `is no ${kind} but ${shown(value)}`;
  if (min !== undefined && Number(value) < min) return `is ${shown(value)}, below ${min}`;
  if (max !== undefined && Number(value) > max) return `is ${shown(value)}, above ${max}`;
  return undefined;
}

// Times beyond are refused by Date itself.
const latestMs = 8.64e15;

function isA(kind: FieldKind, value: unknown): boolean {
  switch (kind) {
    case 'whole':
      return Number.isSafeInteger(value) || (typeof value === 'bigint' && Number.isSafeInteger(Number(value)));
    case 'real':
      return Number.isFinite(value);
    case 'text':
      return typeof value === 'string';
    case 'instant':
      return (value instanceof Date || Number.isSafeInteger(value)) && Math.abs(Number(value)) <= latestMs;
    case 'flag':
      return typeof value === 'boolean';
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? 'an object' : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
