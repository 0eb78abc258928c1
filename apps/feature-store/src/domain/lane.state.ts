import type avro from 'avsc';
import { MillraceError, boundedType, decodeBody, type DefinitionActivated, type EventIngested } from '@millrace/contracts';
import { compilePlan, parseDefinitions } from '@millrace/definitions';
import { LaneState as Fold, type Label, type Vector } from '@millrace/features';
import type { Journal, StreamState } from '@millrace/messaging';

/** What one event leads to. */
export interface Asked {
  readonly vectors: readonly Vector[];
  readonly labels: readonly Label[];
}

type Activation = Pick<DefinitionActivated, 'definitions' | 'schemas'>;
const nothing: Asked = { vectors: [], labels: [] };

/**
 * A lane of the feature store: the fold of libs/features, and the schemas to read its events by. Everything in it comes from
 * `event-ingested`, so it is a pure function of a prefix of that.
 */
export class LaneState implements StreamState {
  private readonly fold = new Fold(undefined);
  private types: ReadonlyMap<number, avro.Type> = new Map();
  private activation: Activation | undefined;
  private undoActivation: (() => void)[] | undefined;

  /** From here on these definitions hold. */
  activate(activated: Activation): void {
    const { types, activation } = this;
    this.undoActivation?.push(() => Object.assign(this, { types, activation }));
    this.activation = { definitions: activated.definitions, schemas: activated.schemas };
    this.types = new Map(activated.schemas.map(({ schemaId, schema }) => [schemaId, boundedType(JSON.parse(schema) as object)]));
    this.fold.activate(compilePlan(parseDefinitions(activated.definitions)));
  }

  /** Drops repeats; else reads what the event's models ask, then updates its views. */
  take(event: EventIngested, position: number): Asked {
    if (this.fold.isRepeat(event.eventId, event.acceptedAt)) return nothing;
    const type = this.types.get(event.schemaId);
    if (!type) throw new MillraceError('UNKNOWN_SCHEMA', `no definition before position ${position} brought the schema ${event.schemaId}`);
    const { stream, eventId, eventTime, acceptedAt } = event;
    const known = { stream, eventId, eventTime, acceptedAt, position, fields: decodeBody(type, event.payload, 0) as Record<string, unknown> };
    const asked = { vectors: this.fold.asks(known), labels: this.fold.judges(known) };
    this.fold.learn(known);
    return asked;
  }

  journal(): Journal {
    const folded = this.fold.journal();
    const undo: (() => void)[] = (this.undoActivation = []);
    return {
      commit: () => {
        this.undoActivation = undefined;
        folded.commit();
      },
      undo: () => {
        this.undoActivation = undefined;
        folded.undo();
        for (const step of undo.reverse()) step();
      },
    };
  }

  /** First page: the definitions in force; then the pages of the fold. */
  async *snapshot(): AsyncIterable<Uint8Array> {
    yield Buffer.from(JSON.stringify(this.activation ?? null));
    yield* this.fold.snapshot();
  }

  async restore(pages: AsyncIterable<Uint8Array>): Promise<void> {
    const iterator = pages[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done) throw new MillraceError('SNAPSHOT_REFUSED', 'the snapshot has no pages', { hint: 'delete it: the lane is folded from an older one or from the start' });
    const activation = JSON.parse(Buffer.from(first.value).toString()) as Activation | null;
    if (activation) this.activate(activation);
    await this.fold.restore({ [Symbol.asyncIterator]: () => iterator });
  }

  /** SHA-256 of the state: equal for equal prefixes. */
  hash(): string {
    return this.fold.hash();
  }
}
