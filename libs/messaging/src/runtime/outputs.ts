import { EventEncoder, MillraceError, classOf, topicOf, type Event, type EventClass } from '@millrace/contracts';
import type { Workspace } from '../workspace.ts';
import { traceHeaders, type Cause } from './trace.ts';

/** A record to send. */
export interface OutMessage {
  readonly key: Buffer | string;
  readonly value: Buffer;
  readonly headers?: Record<string, string | Buffer>;
}
export interface Send {
  readonly topic: string;
  readonly partition: number;
  readonly messages: OutMessage[];
}

/** Where the loop that writes stands in the workspace. */
export interface Writing {
  readonly workspace: Workspace;
  readonly per: 'one' | 'lane' | 'slot';
  readonly partition: number;
}

/** Collects the events of one transaction: encodes them and finds topic, partition and key from topology.ts. */
export class Outputs {
  private readonly writing: Writing;
  private readonly encoder = new EventEncoder();
  private readonly sends = new Map<string, Send>();
  private collected = 0;

  constructor(writing: Writing) {
    this.writing = writing;
  }

  get count(): number {
    return this.collected;
  }

  add(event: Event, publishes: readonly EventClass[], cause: Cause | undefined, headers?: Record<string, string>): void {
    const type = classOf(event);
    if (!publishes.includes(type)) throw new MillraceError('UNDECLARED_OUTPUT', `${type.stem} was yielded, but 'publishes' does not list it`, { hint: 'add it to the decorator' });
    const spec = topicOf(type);
    const fields = event as Event & { model?: string; stream?: string; eventId?: Buffer };
    const topic = this.writing.workspace.topic(spec.name, fields);
    const partition = this.writing.workspace.partitionFor(spec, this.writing.per, this.writing.partition, fields.eventId);
    const place = `${topic}/${partition}`;
    let send = this.sends.get(place);
    if (!send) this.sends.set(place, (send = { topic, partition, messages: [] }));
    send.messages.push({ key: keyOf(spec.key, type, event), value: this.encoder.encode(event), headers: { ce_type: type.stem, ...traceHeaders(cause), ...headers } });
    this.collected++;
  }

  /** What was collected, in a fixed order of topics and partitions; the collection is empty afterwards. */
  take(): Send[] {
    const sends = [...this.sends.values()].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
    this.clear();
    return sends;
  }

  clear(): void {
    this.sends.clear();
    this.collected = 0;
  }
}

// Keys are never null: a null key would lose the order of its lifecycle on a topic with more partitions.
function keyOf(key: 'eventId' | 'model' | 'window' | 'none', type: EventClass, event: Event): Buffer | string {
  const fields = event as Event & { model?: string; eventId?: Buffer; version?: number | null; role?: string | null; windowStart?: number };
  if (key === 'eventId' && fields.eventId) return fields.eventId;
  if (key === 'model' && fields.model) return fields.model;
  if (key === 'window') return `${fields.version ?? 'none'}/${fields.role ?? 'none'}/${fields.windowStart}`;
  return type.stem;
}
