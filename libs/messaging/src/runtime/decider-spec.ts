import { classOf, type Event, type EventClass } from '@millrace/contracts';
import type { Decider } from '../handlers/decider.ts';
import type { Read } from '../handlers/read.ts';
import type { InputTopic } from './decoding.ts';

/** One handler of a decider as its loop calls it. */
export interface DecisionHandler {
  readonly event: EventClass;
  readonly publishes: readonly EventClass[];
  observe?(state: unknown, input: Read): unknown;
  decide?(state: unknown, input: Read, now: number): Iterable<Event>;
}

export interface DeciderSpec {
  readonly service: string;
  readonly decider: Decider<unknown>;
  readonly handlers: readonly DecisionHandler[];
  /** All partitions of its input topics. */
  readonly inputs: readonly InputTopic[];
  /** Topics of its own events. */
  readonly own: readonly InputTopic[];
}

/** What a decider says, and what its handler declares. */
export interface Said {
  readonly event: Event;
  readonly publishes: readonly EventClass[];
}

/** What an input leads to, in this state: the new state and the events, in order. Pure but for the handlers' reads of immutable bundles. */
export function decideOn(spec: DeciderSpec, before: unknown, read: Read, stem: string, now: number): { state: unknown; said: Said[] } {
  let state = before;
  const said: Said[] = [];
  for (const handler of spec.handlers.filter((candidate) => candidate.event.stem === stem)) {
    if (handler.observe) state = handler.observe(state, read);
    if (!handler.decide) continue;
    for (const event of handler.decide(state, read, now)) said.push({ event, publishes: handler.publishes });
  }
  for (const { event } of said) state = spec.decider.evolve(state, event);
  return { state, said };
}

/** Number of an own event among all of its decider. */
export const sequenceOf = ({ headers }: Read): number | undefined => (headers['sequence'] === undefined ? undefined : Number(headers['sequence'].toString()));

/** Number of the event after all these: a decider counts its own, over all its topics. */
export function sequenceAfter(own: readonly Read[]): number {
  return own.reduce((next, read) => Math.max(next, (sequenceOf(read) ?? -1) + 1), own.length);
}

/** Folds the events of a decider's own topics, in the order in which its writer counted them. */
export function evolveInOrder(spec: DeciderSpec, before: unknown, reads: readonly Read[], after?: (state: unknown, read: Read) => void): unknown {
  const counted = reads.map((read, index) => ({ read, sequence: sequenceOf(read) ?? index }));
  counted.sort((a, b) => a.sequence - b.sequence);
  return counted.reduce((state, { read }) => {
    const evolved = spec.decider.evolve(state, read.event);
    after?.(evolved, read);
    return evolved;
  }, before);
}

/** Folds inputs that were decided before: only what their handlers observe. */
export function observeAll(spec: DeciderSpec, before: unknown, reads: readonly Read[]): unknown {
  return reads.reduce((state, read) => {
    const { stem } = classOf(read.event);
    return spec.handlers.reduce((known, handler) => (handler.observe && handler.event.stem === stem ? handler.observe(known, read) : known), state);
  }, before);
}
