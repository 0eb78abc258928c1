import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';

/**
 * Makes `directory` with its parents, unless it exists, and checks that this process can use it.
 * @throws MillraceError DIRECTORY_UNREADABLE, DISK_FULL
 */
export function requireWritable(directory: string): void {
  try {
    makeDirectory(path.resolve(directory));
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') throw diskFull(directory, cause);
    throw new MillraceError('DIRECTORY_UNREADABLE', `${directory} cannot be read and written (${code})`, {
      hint: 'give this user the right to it, or choose another folder with --data-dir',
      cause,
    });
  }
}

/** Level by level: the recursive call of Node never returns below a folder such as /proc, in which nothing can be made. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Checks that the disk of `directory` has at least `bytes` free for this user.
 * @throws MillraceError DISK_FULL
 */
export function requireSpace(directory: string, bytes: number): void {
  const disk = statfsSync(directory);
  const free = disk.bavail * disk.bsize;
  if (free < bytes) throw diskFull(directory, undefined, `${Math.floor(free / 1e6)} MB are free, ${Math.ceil(bytes / 1e6)} MB are needed`);
}

/** The error for a disk without space, wherever it shows. */
export function diskFull(directory: string, cause?: unknown, detail = 'no space is left'): MillraceError {
  return new MillraceError('DISK_FULL', `the disk of ${directory} is full: ${detail}`, {
    hint: 'free some space (npm run clean removes all data of millrace), or choose a folder on another disk with --data-dir',
    cause,
  });
}
