import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for the data of a deployment: PostgreSQL does not run as root, and the user that it runs as must reach its data. */
export function dataFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `millrace-${purpose}-`));
  chmodSync(folder, 0o755);
  return folder;
}
