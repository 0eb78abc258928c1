import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Gives all test files of this run one folder, under which the first that needs a server starts it (src/shared-server.ts). A folder
 * that an outer run has made is kept, so that several runs of Jest share their servers.
 */
export default function setUp() {
  if (process.env['MILLRACE_TEST_RUN']) return;
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-test-'));
  // PostgreSQL may run as another user.
  chmodSync(directory, 0o755);
  writeFileSync(path.join(directory, 'owner'), String(process.pid));
  process.env['MILLRACE_TEST_RUN'] = directory;
  globalThis.millraceTestRun = directory;
}
