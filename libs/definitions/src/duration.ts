import { definitionError } from './definition-error.ts';

/** A stretch of time as it is typed: '90s', '15m', '24h', '7d'. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. @throws MillraceError DEFINITION_INVALID for anything but a positive whole number of ms */
export function milliseconds(duration: Duration, at: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(String(duration));
  const length = match ? Number(match[1]) * units[match[2]!]! : 0;
  if (!Number.isSafeInteger(length) || length <= 0) throw definitionError(at, `'${String(duration)}' is no duration`, "write a number and s, m, h or d, like '15m'");
  return length;
}
