import { DefinitionApplied, MillraceError, WorkspaceCreated } from '@millrace/contracts';
import { LocalEvent, defineDecider } from '@millrace/messaging';
import type { WantedSchema } from './stream-schemas.ts';

/** A checked set of definitions, as the door hands it over. */
export interface CheckedSet {
  /** Canonical JSON. */
  readonly definitions: string;
  /** SHA-256 of it, hex. */
  readonly hash: string;
  readonly schemas: readonly WantedSchema[];
  readonly models: readonly string[];
}

/** Somebody asks to apply a set that was checked. */
export class ApplyDefinitions extends LocalEvent<'apply-definitions'> {
  static readonly stem = 'apply-definitions';
  readonly set: CheckedSet;
  readonly by: string;
  readonly lanes: number;
  readonly slots: number;

  constructor(fields: { set: CheckedSet; by: string; lanes: number; slots: number }) {
    super();
    this.set = fields.set;
    this.by = fields.by;
    this.lanes = fields.lanes;
    this.slots = fields.slots;
  }
}

export interface DefinitionsState {
  readonly workspace: WorkspaceCreated | undefined;
  /** What is in force. */
  readonly applied: DefinitionApplied | undefined;
}

export const definitionEvents = [WorkspaceCreated, DefinitionApplied] as const;

/** Which set of definitions is in force. */
export const Definitions = defineDecider({
  name: 'definitions',
  events: definitionEvents,
  initial: { workspace: undefined, applied: undefined } as DefinitionsState,
  evolve: (state, event: WorkspaceCreated | DefinitionApplied): DefinitionsState => (event instanceof WorkspaceCreated ? { ...state, workspace: event } : { ...state, applied: event }),
});

/** Names that a set in force declares. */
export function declaredNames(applied: DefinitionApplied | undefined): { streams: string[]; models: string[] } {
  if (!applied) return { streams: [], models: [] };
  const set = JSON.parse(applied.definitions) as { streams: { name: string }[]; models: { name: string }[] };
  return { streams: set.streams.map(({ name }) => name), models: set.models.map(({ name }) => name) };
}

/** @throws MillraceError REFUSED when a stream or a model of the set in force is missing */
export function refuseRemovals(applied: DefinitionApplied | undefined, set: CheckedSet): void {
  const known = declaredNames(applied);
  const streams = known.streams.filter((name) => !set.schemas.some(({ stream }) => stream === name)).map((name) => `stream ${name}`);
  const models = known.models.filter((name) => !set.models.includes(name)).map((name) => `model ${name}`);
  const missing = [...streams, ...models];
  if (missing.length === 0) return;
  throw new MillraceError('REFUSED', `the set lacks ${missing.join(', ')}: what was applied once cannot be removed yet`, { hint: 'keep its definition in the set that you apply' });
}
