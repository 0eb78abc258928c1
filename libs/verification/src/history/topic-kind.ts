/** Topics of a workspace in the order in which the checker reads them: what others refer to comes first. */
export const topicKinds = [
  'definitions', 'commands', 'retrain-requested', 'findings', 'trainings', 'model-versions', 'rollouts', 'serving',
  'events-rejected', 'events', 'event-ingested', 'feature-vectors', 'labels', 'predictions', 'window-summaries',
] as const;
export type TopicKind = (typeof topicKinds)[number];

const perName: ReadonlySet<string> = new Set(['events', 'feature-vectors', 'labels', 'predictions', 'window-summaries']);

/** Kinds of topics whose older records the broker takes away, at any moment, where a newer one has the same key. */
export const compactedKinds: ReadonlySet<TopicKind> = new Set(['window-summaries']);

/** What was caused comes before its causes: then everything that a record in the cut names is in the cut, also while records flow. */
export const cutOrder: readonly (readonly TopicKind[])[] = [
  ['window-summaries'], ['predictions'], ['serving'], ['feature-vectors', 'labels'], ['event-ingested'], ['events-rejected'], ['events'], ['rollouts'], ['model-versions'], ['trainings'],
  ['retrain-requested', 'findings'], ['commands'], ['definitions'],
];

/** Kind of a topic and the stream or model that it belongs to ('' for others); undefined for topics that are not read. */
export function topicOf(topic: string): { readonly kind: TopicKind; readonly of: string } | undefined {
  const dot = topic.indexOf('.');
  const kind = (dot < 0 ? topic : topic.slice(0, dot)) as TopicKind;
  if (!topicKinds.includes(kind) || perName.has(kind) !== dot > 0) return undefined;
  return { kind, of: dot < 0 ? '' : topic.slice(dot + 1) };
}
