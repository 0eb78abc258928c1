import { MillraceError, topicOf, type Event, type EventClass } from '@millrace/contracts';
import type { Decider } from '../handlers/decider.ts';
import { LocalEvent } from '../handlers/local-event.ts';
import type { Workspace } from '../workspace.ts';
import type { Declared } from './catalogue.ts';
import type { InputTopic } from './decoding.ts';

/** Real topics behind an event, for one model where the topic is per model, over the given partitions. */
export function inputsFor(event: EventClass, workspace: Workspace, declared: Declared, partitions: 'all' | number, model?: string): InputTopic[] {
  if (isLocal(event)) return [];
  const spec = topicOf(event);
  const numbers = partitions === 'all' ? Array.from({ length: workspace.partitions(spec) }, (_, n) => n) : [spec.partitions === 'one' ? 0 : partitions];
  const at = (name: string, topic: string, stream?: string): InputTopic[] => numbers.map((partition) => ({ name, topic, partition, ...(stream === undefined ? {} : { stream }) }));
  if (spec.name.includes('<stream>')) return declared.streams.flatMap((stream) => at(workspace.topic(spec.name, { stream }), spec.name.replace('<stream>', stream), stream));
  if (!spec.name.includes('<model>')) return at(workspace.topic(spec.name), spec.name);
  const models = model === undefined ? declared.models : [model];
  return models.flatMap((name) => at(workspace.topic(spec.name, { model: name }), spec.name.replace('<model>', name)));
}

/** Inputs without doubles, in order. */
export function distinct(inputs: readonly InputTopic[]): InputTopic[] {
  const seen = new Set<string>();
  return inputs.filter(({ name, partition }) => !seen.has(`${name}/${partition}`) && seen.add(`${name}/${partition}`));
}

export const perModel = (event: EventClass): boolean => !isLocal(event) && topicOf(event).name.includes('<model>');

export function isLocal(event: EventClass): boolean {
  return (event as unknown as { prototype: Event }).prototype instanceof LocalEvent;
}

/** A decider may only own events of topics that nobody else writes to. */
export function ownTopics(decider: Decider<unknown>, workspace: Workspace, service: string): InputTopic[] {
  return distinct(
    decider.events.map((event) => {
      const spec = topicOf(event);
      if (spec.producer !== service || spec.partitions !== 'one')
        throw new MillraceError('DECIDER_INVALID', `${decider.name} of ${service} owns ${event.stem}, but ${spec.name} is written by ${spec.producer}`, { hint: 'see libs/contracts/src/topology.ts' });
      return { name: workspace.topic(spec.name), topic: spec.name, partition: 0 };
    }),
  );
}

/** Name of a state class in writer ids, groups and snapshots: `SlotState` is `slot`. */
export function groupOf(state: { name: string }): string {
  return state.name
    .replace(/State$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}
