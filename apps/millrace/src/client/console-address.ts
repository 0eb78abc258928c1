import { MillraceError } from '@millrace/contracts';
import { DataDirectory } from '../supervisor/data-directory.ts';
import { millraceMark } from '../supervisor/mark.ts';
import { readState, type UpState } from '../supervisor/state-file.ts';

/**
 * What runs on a data folder of this machine.
 * @throws MillraceError NOT_RUNNING
 */
export function requireRunning(directory: string): UpState {
  const { path, stateFile } = new DataDirectory(directory);
  const state = readState(stateFile, millraceMark);
  if (!state) throw new MillraceError('NOT_RUNNING', `millrace does not run on ${path}`, { hint: "start it with 'millrace up', or name its folder with --data-dir" });
  return state;
}

/**
 * Address of a service's doors.
 * @throws MillraceError NOT_RUNNING
 */
export function addressOf(state: Pick<UpState, 'services'>, service: string): string {
  const port = state.services[service]?.port;
  if (port === undefined) throw new MillraceError('NOT_RUNNING', `${service} is not ready yet`, { hint: "see 'millrace status'", retriable: true });
  return `http://127.0.0.1:${port}`;
}
