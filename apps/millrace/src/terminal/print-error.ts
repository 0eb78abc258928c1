import pc from 'picocolors';
import { MillraceError } from '@millrace/contracts';

/** Errors as people need them: what is wrong, and what to do. Stack traces only of what nobody foresaw. */
export function errorText(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return `${pc.red('error:')} ${String(error)}`;
  const { code, hint } = error as Partial<MillraceError>;
  const known = error instanceof MillraceError;
  const head = `${pc.red('error:')} ${error.message}${known && verbose ? ` (${code})` : ''}`;
  const lines = [head, ...(hint ? [`${pc.cyan(' hint:')} ${hint}`] : [])];
  if (!known || verbose) lines.push(pc.dim(error.stack ?? ''));
  const { cause } = error;
  if (verbose && cause instanceof Error) lines.push(pc.dim(`caused by ${cause.stack ?? cause.message}`));
  return lines.join('\n');
}

/** What the operator asked for was understood and refused, as opposed to what failed. */
const refusals = new Set(['REFUSED', 'CONFLICT', 'USAGE', 'ALREADY_RUNNING', 'NOT_RUNNING', 'NOT_FOUND']);

/** 2: refused or wrongly asked; 1: failed. */
export function exitCodeOf(error: unknown): number {
  return error instanceof MillraceError && refusals.has(error.code) ? 2 : 1;
}
