import type { JobOrder } from '../handlers/job.ts';
import type { Read } from '../handlers/read.ts';
import { evolveInOrder, observeAll, type DeciderSpec } from './decider-spec.ts';
import { causeOf, type Cause } from './trace.ts';

/** What each listed job follows from: the decision after which a decider's state began to list it. */
export class JobCauses {
  private readonly causes = new Map<string, Cause | undefined>();

  /** Notes which orders are new with a state, and forgets those that it lists no more. */
  note(orders: readonly JobOrder[], cause: Cause | undefined): void {
    const listed = new Set(orders.map(keyOf));
    for (const key of this.causes.keys()) if (!listed.has(key)) this.causes.delete(key);
    for (const key of listed) if (!this.causes.has(key)) this.causes.set(key, cause);
  }

  of(order: JobOrder): Cause | undefined {
    return this.causes.get(keyOf(order));
  }

  /**
   * Finds the causes again after a restart, in the headers of the own events. Inputs are observed first here, so that every state
   * on the way can list its jobs; for a decider the order makes no difference.
   */
  restore(spec: DeciderSpec, own: readonly Read[], seen: readonly Read[]): void {
    this.causes.clear();
    const { jobs } = spec.decider;
    if (!jobs) return;
    try {
      evolveInOrder(spec, observeAll(spec, spec.decider.initial, seen), own, (state, read) => this.note([...jobs(state)], causeOf(read)));
    } catch {
      // Traces lose a link, no more: what the rules say of the state that counts is heard elsewhere.
      this.causes.clear();
    }
  }
}

export const keyOf = ({ job, id }: JobOrder): string => `${job} ${id}`;
