import { readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { failPoint } from '@millrace/fail-points';

import { syncFolder } from './atomic-file.ts';

const CLAIM = /^\.(\d{16})\.claim$/;
const claimName = (first: string): string => `.${first}.claim`;
const firstOf = (name: string): string => name.slice(0, 16);

/**
 * Gives a finished temporary file its name as the segment that begins where the archive ends, or refuses.
 *
 * A look at the folder before the rename would not do: a writer that stood still in between would add its file to those of its
 * successor. So the beginning of a segment is claimed by a symbolic link, which only one can make and which tells the temporary file;
 * whoever meets a claim carries it out first (helping, as in lock-free algorithms: Herlihy, "Wait-free synchronization", 1991). A claim
 * is taken away only after its temporary file is gone, so nobody can name a file late.
 *
 * @param name of the segment, `<first>-<last>.parquet`
 * @returns false when another writer has archived that offset; the temporary file is gone then
 */
export async function nameSegment(folder: string, temporary: string, name: string): Promise<boolean> {
  const claim = join(folder, claimName(firstOf(name)));
  try {
    await symlink(`${basename(temporary)}:${name}`, claim);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(temporary, { force: true });
    await carryOut(folder, basename(claim));
    return false;
  }
  await failPoint('segment.claimed');
  await carryOut(folder, basename(claim));
  return (await readdir(folder)).includes(name);
}

/** Carries out what writers that were killed or stand still have claimed. */
export async function carryOutClaims(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (CLAIM.test(name)) await carryOut(folder, name);
}

async function carryOut(folder: string, claim: string): Promise<void> {
  const target = await readlink(join(folder, claim)).catch(absent);
  const [temporary, name] = target?.split(':') ?? [];
  if (temporary === undefined || name === undefined) return;
  if (Number(firstOf(name)) === (await endOf(folder))) {
    await rename(join(folder, temporary), join(folder, name)).catch(absent);
    await syncFolder(folder);
  } else await rm(join(folder, temporary), { force: true });
  await rm(join(folder, claim), { force: true });
}

/** Offset after the last one that a segment covers. */
export async function endOf(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet') && !name.startsWith('.')).sort();
  return Number(names.at(-1)?.slice(17, 33) ?? -1) + 1;
}

/** Somebody else has carried it out. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
