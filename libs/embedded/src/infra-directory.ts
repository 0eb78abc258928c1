import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '@millrace/contracts';

/**
 * The project's `infra` folder: above this file (source or dist), else above the working directory (a bundle has moved this file).
 * @throws MillraceError FILE_MISSING
 */
export function infraDirectory(): string {
  for (const start of [path.dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      const infra = path.join(folder, 'infra');
      if (existsSync(path.join(infra, 'kafka', 'pom.xml'))) return infra;
      if (path.dirname(folder) === folder) break;
    }
  }
  throw new MillraceError('FILE_MISSING', 'infra/kafka/pom.xml was not found', { hint: 'run from inside a complete checkout of millrace' });
}
