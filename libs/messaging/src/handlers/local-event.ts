import { Event } from '@millrace/contracts';

/**
 * An input of a decider that stands in no topic: a request at a door, a tick. It has no offset and no schema; what follows from
 * it is what counts.
 */
export abstract class LocalEvent<S extends string = string> extends Event<S> {
  static readonly schemaId = -1;
  static readonly schema = undefined;
}

/** Comes once per second to the deciders that handle it. */
export class Tick extends LocalEvent<'tick'> {
  static readonly stem = 'tick';
  /** Time of the tick, ms since epoch. */
  readonly now: number;

  constructor(now: number) {
    super();
    this.now = now;
  }
}
