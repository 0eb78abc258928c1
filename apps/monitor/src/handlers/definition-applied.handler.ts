import { DefinitionApplied } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Findings, type FindingsState } from '../domain/findings.ts';
import { seeDefinitions } from '../domain/seen.ts';

@Decides(DefinitionApplied, { in: Findings, publishes: [] })
export class DefinitionAppliedHandler {
  observe(state: FindingsState, { event }: Read<DefinitionApplied>): FindingsState {
    return { ...state, seen: seeDefinitions(state.seen, event) };
  }
}
