import path from 'node:path';
import { MillraceError } from '@millrace/contracts';

/** An error of the file system as one that says what to do; undefined for others. */
export function diskFaultOf(error: unknown, file: string): MillraceError | undefined {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
      return new MillraceError('DISK_FULL', `the disk of ${file} is full`, { cause: error, hint: 'free some space: npm run clean removes all data of millrace' });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MillraceError('DIRECTORY_UNREADABLE', `${file} cannot be written`, { cause: error, hint: `give this user the right to ${path.dirname(file)}, or choose another folder` });
    case 'ENOENT':
    case 'ENOTDIR':
      return new MillraceError('DIRECTORY_UNREADABLE', `${path.dirname(file)} is no folder`, { cause: error, hint: 'make it, or choose another one' });
    default:
      return undefined;
  }
}
