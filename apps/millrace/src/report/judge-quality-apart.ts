import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '@millrace/contracts';
import type { DayQuality } from './evidence.ts';
import type { QualityQuery } from './judge-quality.ts';

type Answer = { readonly quality: Map<number, DayQuality[]> } | { readonly failed: string };

/**
 * `judgeQuality` in a process of its own: what a database takes for some days of the archive goes with it.
 * @throws MillraceError QUALITY_NOT_JUDGED
 */
export function judgeQualityApart(query: QualityQuery): Promise<Map<number, DayQuality[]>> {
  const entry = fileURLToPath(new URL(`./judge-quality.job${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  const child = fork(entry, [], { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new MillraceError('QUALITY_NOT_JUDGED', `the versions could not be judged on the archive: ${why}`));
    child.once('message', (answer: Answer) => ('quality' in answer ? resolve(answer.quality) : fail(answer.failed)));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`its process ended with ${signal ?? `code ${code}`}`));
    child.send(query);
  });
}
