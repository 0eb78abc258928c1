import type { FieldKind } from './field.ts';

declare const valid: unique symbol;
declare const value: unique symbol;

/**
 * A CEL expression over the fields of the streams S, with values of type T. The phantom function makes S contravariant:
 * an expression that holds on two streams may stand where one of them is asked for, never the other way round.
 */
export interface Expression<S extends string = never, T = unknown> {
  /** CEL. */
  readonly source: string;
  readonly kind: FieldKind;
  /** Streams on which it may be evaluated; undefined: on any. */
  readonly streams: readonly string[] | undefined;
  /** Fields that it reads. */
  readonly fields: Readonly<Record<string, FieldKind>>;
  readonly [valid]?: (stream: S) => void;
  readonly [value]?: () => T;
}

/** Reference to a field. */
export function fieldOf(streams: readonly string[], name: string, kind: FieldKind): Expression {
  return Object.freeze({ source: name, kind, streams, fields: Object.freeze({ [name]: kind }) });
}

export function isExpression(object: unknown): object is Expression {
  return typeof object === 'object' && object !== null && typeof (object as Expression).source === 'string' && typeof (object as Expression).fields === 'object';
}
