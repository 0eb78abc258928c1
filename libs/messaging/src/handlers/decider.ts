import type { Event, EventClass, EventOf } from '@millrace/contracts';
import type { JobOrder } from './job.ts';

/**
 * Rules of one service over the events that it owns: pure, one active instance, state in memory.
 * `evolve` folds the own events, `observe` of each handler folds an input; the two touch different fields, since a restart
 * folds all own events first and all inputs after them.
 */
export interface Decider<S, E extends Event = Event> {
  /** Name of the state: part of the writer id and of the consumer group. */
  readonly name: string;
  /** Events that it writes and folds. */
  readonly events: readonly EventClass[];
  readonly initial: S;
  readonly evolve: (state: S, event: E) => S;
  /** Jobs that should be running in this state. The events that end one take it from this list, else the decider stops. */
  readonly jobs?: (state: S) => Iterable<JobOrder>;
}

/** Declares a decider; types follow from the events and the initial state. */
export function defineDecider<S, const C extends readonly EventClass[]>(decider: {
  name: string;
  events: C;
  initial: S;
  evolve: (state: S, event: EventOf<C[number]>) => S;
  jobs?: (state: S) => Iterable<JobOrder>;
}): Decider<S, EventOf<C[number]>> {
  return decider;
}
