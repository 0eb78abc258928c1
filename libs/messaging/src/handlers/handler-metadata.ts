import type { EventClass } from '@millrace/contracts';
import type { Decider } from './decider.ts';
import type { Job } from './job.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { StreamState } from './stream-state.ts';

export type Class<T> = abstract new (...args: never[]) => T;

export interface StreamMetadata {
  kind: 'streams';
  event: EventClass;
  per: 'lane' | 'slot';
  state: Class<StreamState>;
  publishes: readonly EventClass[];
  broadcast: boolean;
}
export interface DecisionMetadata {
  kind: 'decides';
  event: EventClass;
  decider: Decider<unknown>;
  publishes: readonly EventClass[];
}
export interface ProjectionMetadata {
  kind: 'projects';
  event: EventClass;
  into: Class<ProjectionStore<unknown>>;
}
export interface JobMetadata {
  kind: 'runs';
  job: Job;
}
export type HandlerMetadata = StreamMetadata | DecisionMetadata | ProjectionMetadata | JobMetadata;

const key = Symbol.for('millrace:handler');

export function describeHandler(target: object, metadata: HandlerMetadata): void {
  Reflect.defineMetadata(key, metadata, target);
}

/** What the decorator of a class says; undefined for classes without one. */
export function handlerOf(target: object): HandlerMetadata | undefined {
  return Reflect.getMetadata(key, target) as HandlerMetadata | undefined;
}

/** Name under which Nest knows the handler: two of one kind and event in one service refuse to start. */
export function patternOf(metadata: HandlerMetadata): string {
  return metadata.kind === 'runs' ? `runs ${metadata.job.job}` : `${metadata.kind} ${metadata.event.stem}`;
}
