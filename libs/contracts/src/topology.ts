import { EventPosted } from './event-posted.ts';
import type { EventClass } from './event.ts';
import * as events from './generated/index.ts';

/** The seven services in the order of the flow. Every arrow points forward in it, except the one that closes the loop. */
export const services = ['ingestion', 'feature-store', 'inference', 'monitor', 'trainer', 'registry', 'deployer'] as const;
export type Service = (typeof services)[number];
/** Who stands beside the order: the console's server, and producers and downstream services outside. */
export type Party = Service | 'console' | 'outside';

/** What a topic's records count by: all in one, by lane, or by slot (k slots for each lane). */
export type Partitioning = 'one' | 'lane' | 'slot';

export interface TopicSpec {
  /** Name without workspace; `<model>` or `<stream>` stands for a declared name. */
  readonly name: string;
  readonly producer: Party;
  /** Events it carries. Each event belongs to one topic. */
  readonly events: readonly EventClass[];
  /** Services that publish because of it: arrows. */
  readonly consumers: readonly Party[];
  /** Who only keeps a read model or an archive of it. */
  readonly projections: readonly Party[];
  readonly partitions: Partitioning;
  /** What the record key is. */
  readonly key: 'eventId' | 'model' | 'window' | 'none';
  /** `compact` keeps the newest record of a key for ever; else days until deletion, `Infinity` = for ever. */
  readonly kept: 'compact' | number;
  /** Written by every instance, not by one writer per partition. */
  readonly manyWriters?: boolean;
  readonly about: string;
}

/** The whole flow. Topics, docs/flow.md and the checks of the handlers are derived from this table. */
export const topology: readonly TopicSpec[] = [
  { name: 'definitions', producer: 'console', events: [events.WorkspaceCreated, events.DefinitionApplied], consumers: ['ingestion', 'monitor', 'trainer', 'registry', 'deployer'], projections: ['console', 'feature-store', 'inference'], partitions: 'one', key: 'none', kept: Infinity, about: 'what was declared' },
  { name: 'commands', producer: 'console', events: [events.CommandIssued], consumers: ['monitor', 'registry', 'deployer'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, about: 'what operators asked for' },
  { name: 'events.<stream>', producer: 'outside', events: [EventPosted], consumers: ['ingestion'], projections: [], partitions: 'lane', key: 'none', kept: 7, manyWriters: true, about: 'events as posted, also by the HTTP door' },
  { name: 'event-ingested', producer: 'ingestion', events: [events.EventIngested, events.DefinitionActivated], consumers: ['feature-store'], projections: [], partitions: 'lane', key: 'eventId', kept: 7, about: 'accepted events in the total order of a lane, and the definitions in force' },
  { name: 'events-rejected', producer: 'ingestion', events: [events.EventRejected], consumers: [], projections: ['console'], partitions: 'lane', key: 'none', kept: 30, about: 'posted records that could not be accepted, bytes unchanged' },
  { name: 'feature-vectors.<model>', producer: 'feature-store', events: [events.VectorComputed], consumers: ['inference', 'monitor'], projections: ['feature-store'], partitions: 'slot', key: 'eventId', kept: 3, about: 'features of each event to predict' },
  { name: 'labels.<model>', producer: 'feature-store', events: [events.LabelObserved], consumers: ['monitor'], projections: ['feature-store'], partitions: 'slot', key: 'eventId', kept: 7, about: 'outcomes' },
  { name: 'predictions.<model>', producer: 'inference', events: [events.PredictionMade], consumers: ['monitor'], projections: ['outside'], partitions: 'slot', key: 'eventId', kept: 7, about: 'predictions, for downstream services' },
  { name: 'serving', producer: 'inference', events: [events.ModelLoaded, events.ModelLoadFailed, events.RouteAdopted], consumers: ['deployer'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, manyWriters: true, about: 'what the slots of inference loaded and adopted' },
  { name: 'window-summaries.<model>', producer: 'monitor', events: [events.WindowSummarised], consumers: ['monitor'], projections: [], partitions: 'slot', key: 'window', kept: 'compact', about: 'mergeable sketches of each slot' },
  { name: 'findings', producer: 'monitor', events: [events.PerformanceReported, events.ArmObserved], consumers: ['deployer'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, about: 'how versions do' },
  { name: 'retrain-requested', producer: 'monitor', events: [events.RetrainRequested], consumers: ['trainer'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, about: 'why and from which data a model should be trained' },
  { name: 'trainings', producer: 'trainer', events: [events.TrainingStarted, events.ModelTrained, events.TrainingFailed], consumers: ['registry'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, about: 'trainings and their bundles' },
  { name: 'model-versions', producer: 'registry', events: [events.ModelVersionRegistered, events.ModelVersionApproved, events.ModelVersionRejected], consumers: ['deployer'], projections: ['registry', 'console'], partitions: 'one', key: 'model', kept: Infinity, about: 'versions and the verdicts of their gates' },
  { name: 'rollouts', producer: 'deployer', events: [events.RolloutStarted, events.RouteChanged, events.RolloutCompleted, events.RolloutAborted], consumers: ['inference'], projections: ['console'], partitions: 'one', key: 'model', kept: Infinity, about: 'which versions answer, with which share' },
];

const byStem = new Map(topology.flatMap((topic) => topic.events.map((event) => [event.stem, topic] as const)));

/** The topic that carries an event. */
export function topicOf(event: EventClass): TopicSpec {
  const topic = byStem.get(event.stem);
  if (!topic) throw new Error(`${event.stem} stands in no topic of topology.ts`);
  return topic;
}

/** An arrow: a topic whose consumer publishes because of it. */
export interface Arrow {
  readonly topic: string;
  readonly from: Service;
  readonly to: Service;
  /** Places forward in the order of the services; negative = back. */
  readonly forward: number;
}

/** All arrows between the seven services. */
export function arrows(): Arrow[] {
  const place = (party: Party): number => services.indexOf(party as Service);
  return topology.flatMap((topic) =>
    topic.consumers
      .filter((consumer) => place(consumer) >= 0 && place(topic.producer) >= 0)
      .map((consumer) => ({ topic: topic.name, from: topic.producer as Service, to: consumer as Service, forward: place(consumer) - place(topic.producer) })),
  );
}
