import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { LintReport, Text } from './lint.ts';
import { root } from './root.ts';

/** What the linter finds in these texts, were they in these places; in the whole checkout when none are given. */
export async function lintReport(texts?: readonly Text[]): Promise<LintReport> {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'lint.ts'), ...(texts ? [] : ['--all'])], {
    cwd: root,
    env: { ...environment, NX_DAEMON: 'false' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stdin.end(JSON.stringify(texts ?? []));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the linter ended with exit code ${code}`);
  return JSON.parse(output) as LintReport;
}
