import { DefinitionActivated, MillraceError, type DefinitionApplied, type Event } from '@millrace/contracts';
import type { Journal, StreamState } from '@millrace/messaging';
import { AcceptedSchemas } from './accepted-schemas.ts';

/**
 * State of a lane of ingestion: the definitions in force. It is no more than how far it has come in `definitions`, so the mark
 * that is committed with the offsets restores it.
 */
export class LaneState implements StreamState {
  private schemas: AcceptedSchemas | undefined;
  private newest: { applied: DefinitionApplied; offset: number } | undefined;
  /** Offset of the definition-applied that was activated last; -1 = none. */
  private activated = -1;

  /** Takes over a set of definitions; it holds from the next batch on. */
  apply(applied: DefinitionApplied, offset: number): void {
    this.newest = { applied, offset };
    this.schemas = new AcceptedSchemas(applied);
  }

  /**
   * @throws MillraceError LOG_BEHIND (retriable): `definitions` ends before those in force, and by older ones good records would be rejected
   * @throws when no definitions are known: a lane without streams has no inputs
   */
  get accepted(): AcceptedSchemas {
    const last = this.newest?.offset ?? -1;
    if (last < this.activated)
      throw new MillraceError('LOG_BEHIND', `the lane has activated the definitions at offset ${this.activated}, but definitions ends with ${last < 0 ? 'none' : `those at offset ${last}`}`, { retriable: true, hint: 'a broker without its peers answers so; if it lasts, definitions has lost records: see docs/runbooks/offsets-lost.md' });
    if (!this.schemas) throw new Error('a record came before the first definitions');
    return this.schemas;
  }

  *due(): Iterable<Event> {
    if (!this.newest || this.newest.offset <= this.activated) return;
    const { applied, offset } = this.newest;
    this.activated = offset;
    yield new DefinitionActivated({ hash: applied.hash, definitions: applied.definitions, schemas: applied.schemas, appliedOffset: offset });
  }

  journal(): Journal {
    const { activated } = this;
    return { commit: () => undefined, undo: () => (this.activated = activated) };
  }

  mark(): number {
    return this.activated;
  }

  resume(mark: number | undefined): void {
    this.activated = mark ?? -1;
  }
}
