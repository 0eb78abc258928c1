import { Event } from './event.ts';

/** A record that a producer posted to `events.<stream>`: raw, not yet checked. It has no schema of ours. */
export class EventPosted extends Event<'event-posted'> {
  static readonly stem = 'event-posted';
  static readonly schemaId = -1;
  static readonly schema = undefined;

  /** Name of the stream, from the topic. */
  declare readonly stream: string;
  declare readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** Append time at the broker, ms since epoch. */
  declare readonly acceptedAt: number;
  declare readonly key: Buffer | null;
  declare readonly value: Buffer | null;
  declare readonly headers: Readonly<Record<string, Buffer>>;
  /** Set for a batch of records that cannot be decoded: `value` is the batch, and `offsets` how many records of the log it takes. */
  declare readonly poison?: { readonly offsets: number; readonly code: string; readonly reason: string } | undefined;

  constructor(fields: Omit<EventPosted, '_stem'>) {
    super();
    Object.assign(this, fields);
  }
}
