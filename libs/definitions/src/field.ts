/** What a field of a stream can hold. */
export type FieldKind = 'whole' | 'real' | 'text' | 'instant' | 'flag';

/** A field as declared. Events that break its bounds are rejected. */
export interface Field<K extends FieldKind = FieldKind> {
  readonly kind: K;
  /** For readers, like 'min' or 'mile'. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
}

export type Fields = Readonly<Record<string, Field>>;

/** Value of a field in an event. */
export type ValueOf<F extends Field> = F['kind'] extends 'whole' | 'real' ? number : F['kind'] extends 'text' ? string : F['kind'] extends 'instant' ? Date : boolean;

type Bounds = Omit<Field, 'kind'>;

/** A whole number, up to 2^53 either way. */
export const whole = (bounds: Bounds = {}): Field<'whole'> => ({ ...bounds, kind: 'whole' });
/** A finite number, float64. */
export const real = (bounds: Bounds = {}): Field<'real'> => ({ ...bounds, kind: 'real' });
export const text = (): Field<'text'> => ({ kind: 'text' });
/** A point in time, ms since epoch. */
export const instant = (): Field<'instant'> => ({ kind: 'instant' });
export const flag = (): Field<'flag'> => ({ kind: 'flag' });
