import type { Defined } from './defined.ts';
import type { FieldKind } from './field.ts';

declare const asked: unique symbol;

/** A feature that models may read for events of the streams S. */
export interface Feature<S extends string = never> {
  readonly name: string;
  readonly kind: FieldKind;
  /** The view or row features it belongs to. */
  readonly owner: Defined;
  readonly [asked]?: (stream: S) => void;
}
