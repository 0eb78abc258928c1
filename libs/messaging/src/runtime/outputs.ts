import { EventEncoder, MillraceError, classOf, topicOf, type Event, type EventClass, type TopicSpec } from '@millrace/contracts';
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

/** Where the events of one class go, for one model or stream. */
interface Target {
  readonly spec: TopicSpec;
  readonly topic: string;
  /** Shared by all records without a cause, which spares the encoder from looking at each. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Collects the events of one transaction: encodes them and finds topic, partition and key from topology.ts. */
export class Outputs {
  private readonly writing: Writing;
  private readonly encoder = new EventEncoder();
  private readonly targets = new Map<EventClass, Map<string, Target>>();
  private readonly sends = new Map<string, Send[]>();
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
    const fields = event as Event & { model?: string; stream?: string; eventId?: Buffer };
    const target = this.target(type, fields);
    const partition = this.writing.workspace.partitionFor(target.spec, this.writing.per, this.writing.partition, fields.eventId);
    const plain = cause === undefined && headers === undefined;
    this.send(target.topic, partition).messages.push({
      key: keyOf(target.spec.key, type, event),
      value: this.encoder.encode(event),
      headers: plain ? target.headers : { ...target.headers, ...traceHeaders(cause), ...headers },
    });
    this.collected++;
  }

  /** What was collected, in a fixed order of topics and partitions; the collection is empty afterwards. */
  take(): Send[] {
    const sends = [...this.sends.values()].flat().sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
    this.clear();
    return sends;
  }

  clear(): void {
    this.sends.clear();
    this.collected = 0;
  }

  private target(type: EventClass, of: { model?: string; stream?: string }): Target {
    const name = of.model ?? of.stream ?? '';
    let byName = this.targets.get(type);
    if (!byName) this.targets.set(type, (byName = new Map()));
    let target = byName.get(name);
    if (!target) {
      const spec = topicOf(type);
      target = { spec, topic: this.writing.workspace.topic(spec.name, of), headers: Object.freeze({ ce_type: type.stem }) };
      byName.set(name, target);
    }
    return target;
  }

  private send(topic: string, partition: number): Send {
    let sends = this.sends.get(topic);
    if (!sends) this.sends.set(topic, (sends = []));
    let send = sends.find((candidate) => candidate.partition === partition);
    if (!send) sends.push((send = { topic, partition, messages: [] }));
    return send;
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
