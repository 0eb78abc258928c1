import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part, Said } from './fuzz-child.ts';
import type { Finding, FuzzReport } from './fuzz-target.ts';

export interface WatchedChildOptions {
  /** A module that calls `fuzzChild`. */
  readonly program: string;
  readonly part: Part;
  /** Heap of the child. */
  readonly heapMb: number;
  /** So long without a sign of life is a hang; a child gives one at each try of an input. Default 30 s. */
  readonly hangMs?: number;
  /** Told of the run that is under way, every so often. */
  readonly onProgress?: (run: number) => void;
}

export interface ChildOutcome {
  /** Undefined when the child did not live to it. */
  readonly report: FuzzReport | undefined;
  /** All that it found; the input that has ended or hung it is one. */
  readonly findings: readonly Finding[];
  /** The last run that was begun. */
  readonly reached: number;
}

const looks = 30;

/** Looks in which a child must have come to its first input: a start may take long. */
const firstLooks = 4 * looks;

/**
 * Fuzzes a part in a process of its own: an input that exhausts its memory ends only that, and one that never returns is killed, since nothing
 * within the process could end an endless loop.
 *
 * @throws Error when the child ended, or hung, before it came to an input
 */
export async function watchedChild({ program, part, heapMb, hangMs = 30_000, onProgress }: WatchedChildOptions): Promise<ChildOutcome> {
  const signs = signsFile();
  const child = fork(program, [], { execArgv: [...process.execArgv, `--max-old-space-size=${heapMb}`, '--expose-gc'], stdio: ['inherit', 'inherit', 'inherit', 'ipc', signs] });
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  const findings: Finding[] = [];
  let report: FuzzReport | undefined;
  child.on('message', (said: Said) => {
    if ('report' in said) report = said.report;
    else findings.push(said.finding);
  });
  const now = new Float64Array([part.from, 0]);
  let seen = 0;
  let silent = 0;
  let isHung = false;
  // Looks are counted, not time: where this process stood still, the child may have, too.
  const watch = setInterval(() => {
    readSync(signs, now, 0, now.byteLength, 0);
    silent = now[1] === seen ? silent + 1 : 0;
    seen = now[1]!;
    onProgress?.(now[0]!);
    if (silent <= (seen === 0 ? firstLooks : looks)) return;
    isHung = true;
    end();
  }, hangMs / looks);
  child.send(part);
  // Not `exit`: what it has said before may still be on its way then.
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearInterval(watch);
  process.off('exit', end);
  readSync(signs, now, 0, now.byteLength, 0);
  closeSync(signs);
  const reached = now[0]!;
  const how = isHung ? 'hung' : `ended with ${signal ?? code}`;
  if (!report && now[1] === 0) throw new Error(`${program} ${how} before it tried an input`);
  if (!report) findings.push({ run: reached, problem: isHung ? `${how}: no sign of life for ${hangMs / 1000} s` : `the process ${how}`, what: '' });
  return { report, findings, reached };
}

/** Nobody else needs its name. */
function signsFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-signs-'));
  try {
    return openSync(join(folder, 'signs'), 'w+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
