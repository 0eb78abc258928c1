import type { AggregateKind } from '@millrace/features';

import type { FieldKind } from './field.ts';

/** All definitions of a workspace in their canonical form: plain JSON, lists sorted by name, durations in ms. */
export interface DefinitionSet {
  readonly version: 1;
  /** Version of the time zone database under which the set was made, like '2025b'. */
  readonly timeZoneData: string;
  readonly streams: readonly StreamDefinition[];
  readonly entities: readonly EntityDefinition[];
  readonly rowFeatures: readonly RowFeaturesDefinition[];
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
}

export interface FieldDefinition {
  readonly name: string;
  readonly kind: FieldKind;
  readonly unit?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface StreamDefinition {
  readonly name: string;
  /** In the order of the Avro schema. */
  readonly fields: readonly FieldDefinition[];
  /** Field that identifies an event; without one its position does. */
  readonly id?: string | undefined;
  /** Field with the time of the event. */
  readonly eventTime: string;
  /** Streams that go first where both were accepted at the same time. */
  readonly after: readonly string[];
}

export interface EntityDefinition {
  readonly name: string;
  /** CEL by stream, for each that feeds or asks. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Features of the event alone; at most one set per stream, known by the name of the stream. */
export interface RowFeaturesDefinition {
  readonly stream: string;
  readonly features: readonly { readonly name: string; /** CEL */ readonly value: string }[];
}

export interface ViewDefinition {
  readonly name: string;
  readonly from: string;
  readonly entity: string;
  readonly resolutionMs: number;
  readonly features: readonly WindowFeatureDefinition[];
}

export interface WindowFeatureDefinition {
  readonly name: string;
  readonly aggregate: AggregateKind;
  /** CEL; absent where the events themselves are counted. */
  readonly of?: string | undefined;
  /** over: (t - length, t]; before: [t - length, t). */
  readonly window: 'over' | 'before';
  readonly lengthMs: number;
}

export type Metric = 'auc' | 'logLoss' | 'accuracy';

export type EncodingDefinition = { readonly kind: 'cyclic'; readonly period: number; readonly harmonics: number } | { readonly kind: 'one-hot'; readonly size: number };

export type GateDefinition =
  | { readonly kind: 'at-least'; readonly metric: Metric; readonly limit: number }
  | { readonly kind: 'better-than-champion'; readonly metric: Metric }
  | { readonly kind: 'answers-in-runtime' };

export type TriggerDefinition =
  | { readonly kind: 'labels'; readonly count: number }
  | { readonly kind: 'worse'; readonly metric: Metric; readonly by: number; readonly overMs: number }
  | { readonly kind: 'miscalibrated'; readonly by: number; readonly overMs: number };

export interface LearnerDefinition {
  readonly kind: 'logistic-regression';
  readonly C: number;
  /** By name of the feature in the model. */
  readonly encode: Readonly<Record<string, EncodingDefinition>>;
}

export interface ModelDefinition {
  readonly name: string;
  /** Stream whose events are predicted. */
  readonly predicts: string;
  /** In the order of the vector; `feature` = '<view or stream>.<name>'. */
  readonly features: readonly { readonly name: string; readonly feature: string }[];
  /** SHA-256 hex over the ordered features and everything they depend on. */
  readonly featureSet: string;
  readonly label: {
    readonly from: string;
    /** Field of `from` that holds the id of the judged event. */
    readonly judges: string;
    /** CEL */
    readonly value: string;
    readonly horizonMs: number;
    readonly absent: 'unknown';
  };
  readonly learner: LearnerDefinition;
  readonly training: { readonly windowMs: number; readonly holdout: number; readonly minimumLabels: number; readonly seed: number };
  readonly gates: readonly GateDefinition[];
  /** Canary steps, per cent, ending with 100; `minimum` outcomes in the smaller arm. */
  readonly rollout: { readonly steps: readonly number[]; readonly minimum: number; readonly maximumWaitMs: number };
  readonly retrain: { readonly when: readonly TriggerDefinition[]; readonly newLabels: number; readonly cooldownMs: number };
}
