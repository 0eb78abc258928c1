import { MillraceError, classOf, type Event, type EventClass } from '@millrace/contracts';
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

/** An input without offset, with whoever waits for its answer. */
export interface InboxItem {
  readonly read: Read;
  readonly answer?: { resolve(events: Event[]): void; reject(error: unknown): void };
  /** Set for the end of a job: its events are published as they are, if the job is still wanted. */
  readonly end?: { job: string; id: string; events: Event[]; publishes: readonly EventClass[] };
}

export function localRead(event: Event, now: number, headers: Readonly<Record<string, string>> = {}): Read {
  return { event, topic: '', partition: 0, position: -1, time: now, id: Buffer.alloc(0), headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])) };
}

/** What an input leads to, in this state: the new state and the events, in order. Pure but for the handlers' reads of immutable bundles. */
export function decideOn(spec: DeciderSpec, before: unknown, read: Read, stem: string, now: number): { state: unknown; events: { event: Event; publishes: readonly EventClass[] }[] } {
  let state = before;
  const events: { event: Event; publishes: readonly EventClass[] }[] = [];
  for (const handler of spec.handlers.filter((candidate) => candidate.event.stem === stem)) {
    if (handler.observe) state = handler.observe(state, read);
    if (!handler.decide) continue;
    for (const event of handler.decide(state, read, now)) events.push({ event, publishes: handler.publishes });
  }
  for (const { event } of events) state = spec.decider.evolve(state, event);
  return { state, events };
}

/** Folds the events of a decider's own topics, in the order in which its writer counted them. */
export function evolveInOrder(spec: DeciderSpec, before: unknown, reads: readonly Read[], after?: (state: unknown, read: Read) => void): unknown {
  const counted = reads.map((read, index) => ({ read, sequence: Number(read.headers['sequence']?.toString() ?? index) }));
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

export const refusal = (error: unknown): error is MillraceError => error instanceof MillraceError;
