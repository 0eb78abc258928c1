import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Whether process `pid` lives and its command line contains `mark`. The mark tells a server of ours from a stranger that got the
 * same number after a reboot.
 */
export function isRunning(pid: number, mark: string): boolean {
  return commandLine(pid)?.includes(mark) ?? false;
}

function commandLine(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    // An ended process that nobody has waited for (a zombie) has an empty command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return undefined;
  }
}
