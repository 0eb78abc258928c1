import type { Check, SeenRecord } from '../check.ts';
import type { TopicKind } from '../history/topic-kind.ts';
import { Violations, type Bounds } from '../violations.ts';

const carries: Readonly<Record<Exclude<TopicKind, 'events'>, readonly string[]>> = {
  definitions: ['workspace-created', 'definition-applied'],
  commands: ['command-issued'],
  'retrain-requested': ['retrain-requested'],
  findings: ['performance-reported', 'arm-observed'],
  trainings: ['training-started', 'model-trained', 'training-failed'],
  'model-versions': ['model-version-registered', 'model-version-approved', 'model-version-rejected'],
  rollouts: ['rollout-started', 'route-changed', 'rollout-completed', 'rollout-aborted'],
  serving: ['model-loaded', 'model-load-failed', 'route-adopted'],
  'events-rejected': ['event-rejected'],
  'event-ingested': ['event-ingested', 'definition-activated'],
  'feature-vectors': ['vector-computed'],
  labels: ['label-observed'],
  predictions: ['prediction-made'],
  'window-summaries': ['window-summarised'],
};

/** Each committed record of the platform's own topics is an event of that topic, read by a decoder that is not the platform's. */
export class ReadableCheck implements Check {
  readonly name = 'readable';
  readonly promise = 'each record of the platform is an event that its topic carries, with the event id as its key';
  readonly found: Violations;

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord): void {
    if (record.kind === 'events' || !record.visible || !record.stored || !this.found.judges(record.timestamp)) return;
    const { event, key } = record;
    if (!event) return this.found.add(record, 'cannot be decoded by the Avro schema that its frame names');
    if (!carries[record.kind].includes(event.stem)) return this.found.add(record, `is a ${event.stem}, which ${record.topic} does not carry`);
    if (event.stem === 'window-summarised' && (event.fields.model !== record.of || event.fields.slot !== record.partition)) this.found.add(record, `summarises slot ${event.fields.slot} of ${event.fields.model}`);
    const id = event.fields.eventId as Buffer | undefined;
    if (id && !key?.equals(id)) this.found.add(record, 'has a key that is not its event id');
  }
}
