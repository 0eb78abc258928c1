import type { Event, EventClass, EventOf, MillraceError } from '@millrace/contracts';

/** A job that should run: the same id is the same job, also after a restart. */
export interface JobOrder {
  readonly job: string;
  readonly id: string;
  readonly input: unknown;
}

/** What a running job may use. */
export interface JobRun {
  /** Aborted when the job is no longer wanted or the service stops; the process is killed 5 s later. */
  readonly signal: AbortSignal;
  /** An empty folder that is removed afterwards. */
  readonly scratch: string;
  /** Says how far it is (0 to 1), what it does, and whether it only waits for data that is still to come. */
  readonly progress: (share: number, text: string, waiting?: boolean) => void;
}

/**
 * A kind of job: its input (plain data, as a structured clone carries it to a process), the events it may end with, and the event for
 * an error. An error that is retriable is tried again for ever, with pauses of up to 30 s; a crash three times.
 */
export interface Job<I = unknown, O extends Event = Event> {
  (id: string, input: I): JobOrder;
  readonly job: string;
  readonly ends: readonly EventClass[];
  readonly failed: (error: MillraceError, id: string, input: I) => O;
}

/** Declares a kind of job that runs in a child process. */
export function defineJob<I, const C extends readonly EventClass[]>(
  name: string,
  options: { ends: C; failed: (error: MillraceError, id: string, input: I) => EventOf<C[number]> },
): Job<I, EventOf<C[number]>> {
  const order = (id: string, input: I): JobOrder => ({ job: name, id, input });
  return Object.assign(order, { job: name, ends: options.ends, failed: options.failed });
}
