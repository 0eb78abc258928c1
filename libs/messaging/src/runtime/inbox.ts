import { classOf, type Event, type EventClass } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';

/** An input without offset, with whoever waits for its answer. */
export interface InboxItem {
  readonly read: Read;
  readonly answer?: { resolve(events: Event[]): void; reject(error: unknown): void };
  /** Set for the end of a job: its events are published as they are, if the job is still wanted. */
  readonly end?: { job: string; id: string; events: Event[]; publishes: readonly EventClass[] };
}

/** Inputs without offset that wait for their decider: questions, ticks and ends of jobs. */
export class Inbox {
  private items: InboxItem[] = [];

  get size(): number {
    return this.items.length;
  }

  put(item: InboxItem): void {
    this.items.push(item);
  }

  /** Whether an event of that stem waits. */
  holds(stem: string): boolean {
    return this.items.some(({ read }) => classOf(read.event).stem === stem);
  }

  /** All that wait; nobody waits afterwards. */
  take(): InboxItem[] {
    return this.items.splice(0);
  }

  /** Takes one back. False when it has been taken already. */
  withdraw(item: InboxItem): boolean {
    const at = this.items.indexOf(item);
    if (at >= 0) this.items.splice(at, 1);
    return at >= 0;
  }
}

/** An event as a handler sees it when it comes from no topic. */
export function localRead(event: Event, now: number, headers: Readonly<Record<string, string>> = {}): Read {
  return { event, topic: '', partition: 0, position: -1, time: now, id: Buffer.alloc(0), headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])) };
}
