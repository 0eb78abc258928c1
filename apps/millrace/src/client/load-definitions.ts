import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MillraceError } from '@millrace/contracts';
import { toCanonical, type CanonicalDefinitions } from '@millrace/definitions';

/**
 * Definitions of a module, in canonical form. Node strips the types of a TypeScript source; it does not check them.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 */
export async function loadDefinitions(file: string): Promise<CanonicalDefinitions> {
  const location = path.resolve(file);
  if (!existsSync(location)) throw new MillraceError('DEFINITION_INVALID', `${location} does not exist`, { hint: 'name a TypeScript or JavaScript file that exports definitions' });
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(location).href)) as Record<string, unknown>;
  } catch (error) {
    throw error instanceof MillraceError ? error : new MillraceError('DEFINITION_INVALID', `${placeOf(error, location)}: ${reasonOf(error)}`, { cause: error });
  }
  return toCanonical(exports, process.versions.tz ?? '');
}

/** `path:line` of what a module threw while it was loaded: the first place in the file itself, else the first that is named. */
function placeOf(error: unknown, location: string): string {
  const stack = (error as Error).stack ?? '';
  const places = [...stack.matchAll(/(?:file:\/\/)?(\/[^\s():]+|[A-Za-z]:[^\s():]+):(\d+)/g)].map(([whole, file, line]) => ({ file: whole.startsWith('file://') ? fileURLToPath(`file://${file}`) : file!, line: line! }));
  const place = places.find((each) => each.file === location) ?? places[0];
  return place ? `${place.file}:${place.line}` : location;
}

// Syntax errors carry the source line and carets before their sentence.
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.trim().split('\n').at(-1)!.trim() : String(error);
}
