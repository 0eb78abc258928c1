export { avroSchemaOf, type AvroRecordSchema } from './avro-schema.ts';
export { canonicalJson } from './canonical-json.ts';
export { cel } from './cel.ts';
export { compilePlan } from './compile-plan.ts';
export { defineEntity, type Entity } from './define-entity.ts';
export { defineFeatureView } from './define-feature-view.ts';
export { defineModel, type Model } from './define-model.ts';
export { defineRowFeatures, row, type RowFeature } from './define-row-features.ts';
export { defineStream, type AnyStream, type Stream } from './define-stream.ts';
export type {
  DefinitionSet,
  EncodingDefinition,
  EntityDefinition,
  FieldDefinition,
  GateDefinition,
  LearnerDefinition,
  Metric,
  ModelDefinition,
  RowFeaturesDefinition,
  StreamDefinition,
  TriggerDefinition,
  ViewDefinition,
  WindowFeatureDefinition,
} from './definition-set.ts';
export type { Duration } from './duration.ts';
export type { Expression } from './expression.ts';
export type { Feature } from './feature.ts';
export { flag, instant, real, text, whole, type Field, type FieldKind } from './field.ts';
export { gate } from './gate.ts';
export { cyclic, logisticRegression, oneHot, type Learner } from './learner.ts';
export { parseDefinitions } from './parse-definitions.ts';
export { eventTimeOf, idOf, validateEvent } from './stream-events.ts';
export { toCanonical, type CanonicalDefinitions } from './to-canonical.ts';
export { when } from './trigger.ts';
export { count, distinctCount, last, max, mean, min, share, standardDeviation, sum, timeSinceLast, type Aggregate, type WindowFeature } from './window-feature.ts';
