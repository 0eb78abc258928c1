import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.ts';

/** All files of the checkout that git keeps or would keep, from the root. */
export function checkedOutFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  return [...new Set(listed.split('\0'))].filter((file) => file !== '' && existsSync(path.join(root, file))).sort();
}
