import { WorkspaceCreated } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Findings, type FindingsState } from '../domain/findings.ts';
import { seeWorkspace } from '../domain/seen.ts';

@Decides(WorkspaceCreated, { in: Findings, publishes: [] })
export class WorkspaceCreatedHandler {
  observe(state: FindingsState, { event }: Read<WorkspaceCreated>): FindingsState {
    return { ...state, seen: seeWorkspace(state.seen, event) };
  }
}
