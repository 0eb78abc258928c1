import { InvalidArgumentError } from 'commander';

const dayMs = 86_400_000;

/** First and last day of the recorded flights that can be posted, UTC. */
const firstDay = Date.UTC(2001, 0, 1);
const lastDay = Date.UTC(2001, 5, 30);

/**
 * A UTC day of the recorded flights as its midnight, ms since epoch.
 * @throws InvalidArgumentError
 */
export function parseDay(text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // 2001-02-30 would silently be 2 March.
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text) throw new InvalidArgumentError('a day is expected, like 2001-01-21.');
  if (day < firstDay || day > lastDay) throw new InvalidArgumentError('the recorded flights are of 2001-01-01 to 2001-06-30.');
  return day;
}

/**
 * Milliseconds of real time per day of event time; `max` = 0, as fast as it goes.
 * @param text seconds, or `max`
 */
export function parseSpeed(text: string): number {
  if (text === 'max') return 0;
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds <= 0 || seconds > dayMs / 1000) throw new InvalidArgumentError("seconds of real time per day are expected, like 5, or 'max'.");
  return seconds * 1000;
}

/** @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('a whole number from 1 on is expected.');
  return count;
}

/**
 * A point in time as ISO 8601 with its zone, ms since epoch.
 * @throws InvalidArgumentError
 */
export function parseInstant(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('a time with its zone is expected, like 2026-01-31T08:00:00Z.');
  return time;
}
