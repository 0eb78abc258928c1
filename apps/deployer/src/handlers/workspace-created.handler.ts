import { WorkspaceCreated } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { hearWorkspace } from '../domain/heard.ts';
import { Rollouts, observed, type RolloutsState } from '../domain/rollouts.ts';

@Decides(WorkspaceCreated, { in: Rollouts, publishes: [] })
export class WorkspaceCreatedHandler {
  observe(state: RolloutsState, { event }: Read<WorkspaceCreated>): RolloutsState {
    return observed(state, (heard) => hearWorkspace(heard, event));
  }
}
