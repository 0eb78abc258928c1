import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Confines this process before it touches a model: no core dumps, at most `memoryMb` more addresses than it has now, and a working
 * directory that is empty and can never be written to, because it has no name any more.
 *
 * The limit is set from the present size, for V8 reserves gigabytes of addresses that it never uses. Allocations beyond it fail, within the
 * runtime as errors. Linux only (prlimit of util-linux), as the parent's check of resident memory is; elsewhere V8's limit alone holds.
 *
 * @param memoryMb undefined: no limit of addresses
 */
export function confine(memoryMb: number | undefined): void {
  const size = process.platform === 'linux' ? sizeBytes() : undefined;
  const limits = size === undefined || memoryMb === undefined ? ['--core=0'] : ['--core=0', `--as=${size + memoryMb * 2 ** 20}`];
  // Without prlimit there is an error in the result, which changes nothing.
  if (process.platform === 'linux') spawnSync('prlimit', ['--pid', String(process.pid), ...limits], { stdio: 'ignore', timeout: 2000 });
  const folder = mkdtempSync(join(tmpdir(), 'millrace-scoring-'));
  process.chdir(folder);
  rmdirSync(folder);
}

function sizeBytes(): number | undefined {
  const pages = Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? NaN);
  return Number.isNaN(pages) ? undefined : pages * 1024;
}
