/**
 * Fixed ids of the platform's own Avro schemas, so that nothing needs a schema registry to start.
 * An id is never given to another event; ids of applied streams start at 1000.
 */
export const schemaIds = {
  'workspace-created': 1,
  'definition-applied': 2,
  'command-issued': 3,
  'event-ingested': 10,
  'definition-activated': 11,
  'event-rejected': 12,
  'vector-computed': 20,
  'label-observed': 21,
  'prediction-made': 30,
  'model-loaded': 31,
  'model-load-failed': 32,
  'route-adopted': 33,
  'window-summarised': 40,
  'performance-reported': 41,
  'arm-observed': 42,
  'retrain-requested': 43,
  'training-started': 50,
  'model-trained': 51,
  'training-failed': 52,
  'model-version-registered': 60,
  'model-version-approved': 61,
  'model-version-rejected': 62,
  'rollout-started': 70,
  'route-changed': 71,
  'rollout-completed': 72,
  'rollout-aborted': 73,
} as const;

/** First id of schemas that belong to applied streams. */
export const firstStreamSchemaId = 1000;
