import {
  DefinitionApplied, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, PerformanceReported, RetrainRequested, RolloutAborted, RolloutCompleted, RolloutStarted, RouteAdopted, RouteChanged,
  decodeEvent, type Event,
} from '@millrace/contracts';
import type { KafkaCluster, Workspace } from '@millrace/messaging';
import { readTopic } from './read-topic.ts';

/** An event of a control topic with its append time. */
export interface Told<E extends Event = Event> {
  readonly event: E;
  readonly at: number;
}

const topics = ['definitions', 'serving', 'findings', 'retrain-requested', 'trainings', 'model-versions', 'rollouts'] as const;
const kept = [DefinitionApplied, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, PerformanceReported, RetrainRequested, RolloutAborted, RolloutCompleted, RolloutStarted, RouteAdopted, RouteChanged];

/** What the control topics say: few records, all kept but the counts of arms. */
export class ControlHistory {
  private readonly told: readonly Told[];

  constructor(told: readonly Told[]) {
    this.told = told;
  }

  static async read(cluster: KafkaCluster, workspace: Workspace): Promise<ControlHistory> {
    const told: Told[] = [];
    for (const topic of topics) {
      for await (const { value, timestamp } of readTopic(cluster, workspace.topic(topic))) {
        const event = decodeEvent(value);
        if (kept.some((type) => event instanceof type)) told.push({ event, at: timestamp });
      }
    }
    return new ControlHistory(told);
  }

  /** Events of one kind in their order; of one model where they have one. */
  all<E extends Event>(type: abstract new (fields: never) => E, model?: string): Told<E>[] {
    return this.told.filter((each): each is Told<E> => each.event instanceof type && (model === undefined || (each.event as { model?: string }).model === model));
  }

  /** First offset of feature-vectors by slot that a route applies to. */
  firstRouted(model: string): Map<number, number> {
    const first = new Map<number, number>();
    for (const { event } of this.all(RouteAdopted, model)) if (!first.has(event.slot)) first.set(event.slot, event.offset);
    return first;
  }

  /** Performance of each version by window, as last stated: newest restatement of each. */
  performance(model: string): PerformanceReported[] {
    const newest = new Map<string, PerformanceReported>();
    for (const { event } of this.all(PerformanceReported, model)) newest.set(`${event.version}/${event.role}/${event.windowStart}`, event);
    return [...newest.values()].sort((a, b) => a.windowStart - b.windowStart || a.version - b.version);
  }
}
