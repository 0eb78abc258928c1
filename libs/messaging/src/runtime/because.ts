import type { Event } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';

const causes = new WeakMap<Event, Read>();

/** Says which input an event follows from. Needed only where a handler reads a whole batch before it yields; else it is the input read last. */
export function because<E extends Event>(event: E, input: Read): E {
  causes.set(event, input);
  return event;
}

/** The input named by `because`. */
export const inputOf = (event: Event): Read | undefined => causes.get(event);
