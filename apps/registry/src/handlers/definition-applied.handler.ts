import { DefinitionApplied } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { observeDefinitions, Versions, type VersionsState } from '../domain/versions.ts';

/** Versions without verdict are judged by the gates in force. */
@Decides(DefinitionApplied, { in: Versions, publishes: [] })
export class DefinitionAppliedHandler {
  observe(state: VersionsState, { event }: Read<DefinitionApplied>): VersionsState {
    return observeDefinitions(state, event.definitions);
  }
}
