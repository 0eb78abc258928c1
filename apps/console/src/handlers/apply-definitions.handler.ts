import { DefinitionApplied, WorkspaceCreated } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { ApplyDefinitions, Definitions, definitionEvents, refuseRemovals, type DefinitionsState } from '../domain/definitions.ts';
import { schemasAfter } from '../domain/stream-schemas.ts';

@Decides(ApplyDefinitions, { in: Definitions, publishes: definitionEvents })
export class ApplyDefinitionsHandler {
  *decide({ workspace, applied }: DefinitionsState, { event }: Read<ApplyDefinitions>, now: number): Iterable<WorkspaceCreated | DefinitionApplied> {
    const { set, by, lanes, slots } = event;
    if (applied?.hash === set.hash) return;
    refuseRemovals(applied, set);
    if (!workspace) yield new WorkspaceCreated({ lanes, slots, createdAt: now });
    yield new DefinitionApplied({ hash: set.hash, definitions: set.definitions, schemas: schemasAfter(applied?.schemas ?? [], set.schemas), appliedAt: now, by });
  }
}
