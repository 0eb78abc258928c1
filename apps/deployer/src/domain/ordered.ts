import type { CommandIssued } from '@millrace/contracts';
import { championOf } from '@millrace/rollout';
import { canAbort } from './evidence.ts';
import { routesOf, type RolloutEvent, type RolloutsState } from './rollouts.ts';
import { aborted, rolledBack } from './route-events.ts';

/** What follows from a command, or why nothing does. */
export type Ordered = { readonly events: readonly RolloutEvent[] } | { readonly refused: string };

const nothing: Ordered = { events: [] };

/**
 * Carries out a command of an operator. A rollback wins over whatever a rollout would do next.
 *
 * @param position of the command: a second record with its id is not carried out again
 */
export function ordered(state: RolloutsState, { commandId, kind, model, version, who, why }: CommandIssued, position: number): Ordered {
  if (kind !== 'ROLL_BACK' && kind !== 'ABORT') return nothing;
  if (state.heard.commands.get(commandId) !== position) return nothing;
  const routes = routesOf(state, model);
  const { running } = routes;
  const about = running ?? championOf(routes);
  // A rollback sent twice under two ids must not take back two versions.
  if (version !== null && version !== about?.version) return { refused: `version ${version} neither takes over nor is the champion` };
  if (running) {
    if (!canAbort(routes)) return { refused: `version ${running.version} is the first: there is nothing to go back to` };
    return { events: [...aborted(model, routes, why, who)] };
  }
  if (kind === 'ABORT') return { refused: 'no rollout is running' };
  const back = rolledBack(model, routes, `rolled back by ${who}: ${why}`);
  return back ? { events: [back] } : { refused: 'there is no champion to go back to' };
}
