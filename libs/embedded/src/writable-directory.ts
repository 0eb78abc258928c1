import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { MillraceError } from '@millrace/contracts';

/**
 * Makes `directory` with its parents, unless it exists, and checks that this process can use it.
 * @throws MillraceError DIRECTORY_UNREADABLE, DISK_FULL
 */
export function requireWritable(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
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
