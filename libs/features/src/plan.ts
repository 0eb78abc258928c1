import type { IdValue } from '@millrace/contracts';

import type { AggregateKind } from './aggregate.ts';
import type { MeasureKind } from './measure.ts';

/** Fields of an event, decoded. Instants are ms since epoch or dates. */
export type Fields = Readonly<Record<string, unknown>>;

/** An event in the order of its lane. */
export interface LaneEvent {
  readonly stream: string;
  /** 16 bytes. */
  readonly eventId: Uint8Array;
  /** ms since epoch. */
  readonly eventTime: number;
  /** Append time of the posted record, ms since epoch. */
  readonly acceptedAt: number;
  /** Offset in the lane. */
  readonly position: number;
  readonly fields: Fields;
}

/** Value of an expression for one event; conditions are 1 or 0. May throw: then the value is missing. */
export type Evaluator = (fields: Fields) => number | string;

/** Number of an expression in its stream's list. */
export type Slot = number;

/**
 * Definitions, compiled for the fold of a lane. Every expression of a stream stands once in its list, so that it is
 * evaluated once per event whatever uses it.
 */
export interface LanePlan {
  /** SHA-256 of `definitions`, hex. */
  readonly hash: string;
  /** Canonical JSON of the set of definitions. */
  readonly definitions: string;
  readonly streams: readonly StreamPlan[];
  readonly views: readonly ViewPlan[];
}

export interface StreamPlan {
  readonly name: string;
  readonly expressions: readonly Evaluator[];
  /** Models that predict this stream. */
  readonly asks: readonly AskPlan[];
  /** Models whose labels come from this stream. */
  readonly judges: readonly JudgePlan[];
}

/** A feature view: tiles by entity, fed by one stream. */
export interface ViewPlan {
  /** Text that is equal for equal definitions and differs otherwise: its state survives a new plan by this. */
  readonly key: string;
  readonly from: string;
  /** Key of the entity on `from`. */
  readonly entity: Slot;
  readonly resolutionMs: number;
  /** Length of the longest window, ms. */
  readonly longestMs: number;
  /** What a tile holds; `value` is an expression of `from`, undefined where the events themselves are measured. */
  readonly measures: readonly { readonly kind: MeasureKind; readonly value: Slot | undefined }[];
  readonly features: readonly WindowPlan[];
}

export interface WindowPlan {
  readonly aggregate: AggregateKind;
  /** Number of the view's measure that it reads. */
  readonly measure: number;
  /** over: (t - length, t]; before: [t - length, t). */
  readonly window: 'over' | 'before';
  readonly lengthMs: number;
}

export interface AskPlan {
  readonly model: string;
  readonly featureSet: string;
  /** Keys of the entities that are read, in the order of the definition. */
  readonly entities: readonly Slot[];
  /** Views that are read, with the key of their entity on the asking stream. */
  readonly lookups: readonly { readonly view: number; readonly entity: Slot }[];
  readonly features: readonly FeaturePlan[];
}

export type FeaturePlan =
  | { readonly kind: 'row'; readonly value: Slot; readonly categorical: boolean }
  | { readonly kind: 'window'; readonly lookup: number; readonly feature: number };

export interface JudgePlan {
  readonly model: string;
  /** Stream of the judged event. */
  readonly predicts: string;
  /** Id of the judged event, from the fields of the one that judges. */
  readonly judged: (fields: Fields) => IdValue;
  readonly value: Slot;
}
