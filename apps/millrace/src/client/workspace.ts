import { MillraceError } from '@millrace/contracts';
import { Workspace } from '@millrace/messaging';

/**
 * The workspace that the environment names, as the services read it.
 * @throws MillraceError CONFIGURATION_INVALID
 */
export function workspaceOf(environment: Readonly<Record<string, string | undefined>>): Workspace {
  const count = (variable: string, fallback: number): number => {
    const value = Number(environment[variable] || fallback);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new MillraceError('CONFIGURATION_INVALID', `${variable}=${environment[variable]}: a whole number from 1 on is expected`);
  };
  return new Workspace({ prefix: environment['MILLRACE_WORKSPACE'] ?? '', lanes: count('MILLRACE_LANES', 1), slots: count('MILLRACE_SLOTS', 2) });
}
