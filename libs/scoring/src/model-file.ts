import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import { MillraceError } from '@millrace/contracts';

/** Content of a file that was checked while it was open, so that nothing can be put in its place between check and use. */
export interface CheckedFile {
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Reads a file of a bundle. Links are refused: a symbolic link leads elsewhere, and a file with a second name can be changed through it.
 *
 * @throws MillraceError BUNDLE_NOT_ADMITTED when it is missing, empty, too large, no plain file or a link
 */
export async function readBundleFile(path: string, maxBytes: number): Promise<CheckedFile> {
  // Without NONBLOCK a named pipe would be waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    throw refused(cause.code === 'ELOOP' ? `${path} is a symbolic link` : `${path} is missing or cannot be read`, cause);
  });
  try {
    return await read(handle, path, maxBytes);
  } finally {
    await handle.close();
  }
}

async function read(handle: FileHandle, path: string, maxBytes: number): Promise<CheckedFile> {
  const found = await handle.stat();
  if (!found.isFile()) throw refused(`${path} is no file`);
  if (found.nlink !== 1) throw refused(`${path} has ${found.nlink} names`, undefined, 'a bundle must not share its files: copy it without hard links');
  if (found.size === 0 || found.size > maxBytes) throw refused(`${path} has ${found.size} bytes; between 1 and ${maxBytes} are allowed`);
  const bytes = new Uint8Array(found.size);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) throw refused(`${path} became shorter while it was read`);
    filled += bytesRead;
  }
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function refused(sentence: string, cause?: unknown, hint?: string): MillraceError {
  return new MillraceError('BUNDLE_NOT_ADMITTED', sentence, { cause, ...(hint !== undefined && { hint }) });
}
