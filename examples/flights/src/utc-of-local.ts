import { offsetAt } from '@millrace/features';

const dayMs = 86_400_000;

/**
 * The instant at which clocks of a zone show `local`. A time that they show twice is its first showing; a time that they skip is read
 * by the clock before the change (PEP 495, fold 0, which Python's zoneinfo follows). Zones change at most once in two days.
 *
 * @param local date and time on the clock, as if it were UTC, ms since epoch
 * @example utcOfLocal(Date.UTC(2001, 0, 1, 8), 'America/New_York') // 2001-01-01T13:00Z
 */
export function utcOfLocal(local: number, timeZone: string): number {
  const before = offsetAt(local - dayMs, timeZone);
  const after = offsetAt(local + dayMs, timeZone);
  if (before === after || offsetAt(local - before, timeZone) === before) return local - before;
  return offsetAt(local - after, timeZone) === after ? local - after : local - before;
}
