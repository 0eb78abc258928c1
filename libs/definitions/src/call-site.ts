import { fileURLToPath } from 'node:url';

/**
 * File and line of whoever called a function, as `path:line`.
 *
 * @param called the function whose caller is meant; frames above it are left out
 */
export function callSite(called: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, called);
  const frame = (holder.stack ?? '').split('\n').find((line) => line.trimStart().startsWith('at '));
  const match = /(?:\(|at (?:async )?)([^()]+):(\d+):\d+\)?$/.exec(frame ?? '');
  if (!match) return 'unknown place';
  const path = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!;
  return `${path}:${match[2]}`;
}
