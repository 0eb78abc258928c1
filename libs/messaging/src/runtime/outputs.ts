import { EventEncoder, MillraceError, classOf, topicOf, type Event, type EventClass } from '@millrace/contracts';
import { MAX_REQUEST_BYTES, assertFits, sizeOf, type OutMessage } from '../kafka/out-message.ts';
import type { Workspace } from '../workspace.ts';
import { progressBytes } from './progress.ts';
import { traceHeaders, type Cause } from './trace.ts';

/** The records of one partition. */
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

/** An event on its way out. */
export interface Output {
  readonly event: Event;
  /** What its handler declares. */
  readonly publishes: readonly EventClass[];
  readonly cause: Cause | undefined;
  readonly headers?: Record<string, string>;
}

interface Prepared {
  readonly topic: string;
  readonly partition: number;
  readonly message: OutMessage;
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

  /** @throws MillraceError UNDECLARED_OUTPUT, INVALID_EVENT or RECORD_TOO_LARGE; nothing is collected then */
  add(output: Output): void {
    this.put(this.prepare(output));
  }

  /** All of them or none: one that cannot be written leaves nothing of the others behind. @throws as `add` */
  addAll(outputs: readonly Output[]): void {
    for (const prepared of outputs.map((output) => this.prepare(output))) this.put(prepared);
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

  private put({ topic, partition, message }: Prepared): void {
    const place = `${topic}/${partition}`;
    let send = this.sends.get(place);
    if (!send) this.sends.set(place, (send = { topic, partition, messages: [] }));
    send.messages.push(message);
    this.collected++;
  }

  private prepare({ event, publishes, cause, headers }: Output): Prepared {
    const type = classOf(event);
    if (!publishes.includes(type)) throw new MillraceError('UNDECLARED_OUTPUT', `${type.stem} was yielded, but 'publishes' does not list it`, { hint: 'add it to the decorator' });
    const spec = topicOf(type);
    const fields = event as Event & { model?: string; stream?: string; eventId?: Buffer };
    const topic = this.writing.workspace.topic(spec.name, fields);
    const partition = this.writing.workspace.partitionFor(spec, this.writing.per, this.writing.partition, fields.eventId);
    const message = { key: keyOf(spec.key, type, event), value: this.encoder.encode(event), headers: { ce_type: type.stem, ...traceHeaders(cause), ...headers } };
    // The writer would find it too, but could no longer tell whose event it is.
    if (message.value.length > MAX_REQUEST_BYTES / 2) assertFits(sizeOf(message) + progressBytes, MAX_REQUEST_BYTES);
    return { topic, partition, message };
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
