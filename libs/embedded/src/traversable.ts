import { statSync } from 'node:fs';
import path from 'node:path';

/**
 * The nearest of `directory` and its parents that a user without special rights and not in their groups may not pass through;
 * undefined when they may pass all. A right by group or access list counts as none, so the answer errs to the safe side.
 */
export function closedParent(directory: string, uid: number): string | undefined {
  for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
    const { mode, uid: owner } = statSync(folder);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}
