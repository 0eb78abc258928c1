import { topicOf, type EventClass } from '@millrace/contracts';
import type { Workspace } from '../workspace.ts';
import type { Declared } from './catalogue.ts';
import type { InputTopic } from './decoding.ts';
import { distinct, inputsFor } from './plan.ts';
import type { StreamHandler } from './stream-spec.ts';

export interface Writers {
  readonly handlers: readonly StreamHandler[];
  readonly per: 'lane' | 'slot';
}

/** Outputs that only one loop of a state writes: its own partition, and of a lane also its slots. */
export function ownedOutputs(writers: Writers, { partition, model }: { readonly partition: number; readonly model: string | undefined }, workspace: Workspace, declared: Declared): InputTopic[] {
  const events = published(writers).filter((event) => !topicOf(event).manyWriters && topicOf(event).partitions !== 'one');
  const mine = (event: EventClass, at: number): boolean => (topicOf(event).partitions === writers.per ? at === partition : writers.per === 'lane' && Math.floor(at / workspace.slots) === partition);
  return distinct(events.flatMap((event) => inputsFor(event, workspace, declared, 'all', model).filter((topic) => mine(event, topic.partition))));
}

/** Outputs of one partition that all loops of a state write together. */
export function sharedOutputs(writers: Writers, workspace: Workspace, declared: Declared): InputTopic[] {
  return distinct(published(writers).filter((event) => topicOf(event).manyWriters && topicOf(event).partitions === 'one').flatMap((event) => inputsFor(event, workspace, declared, 'all')));
}

const published = ({ handlers }: Writers): EventClass[] => handlers.flatMap((handler) => [...handler.publishes]);
