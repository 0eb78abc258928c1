const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 41954 is '41,954'. */
export const counted = (value: number): string => whole.format(value);

/** Four digits behind the point; an unknown figure is a dash. */
export const figure = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : '–');

/** UTC day, like 2001-01-08. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** First eight characters: enough to tell digests and ids apart by eye. */
export const short = (id: string): string => id.slice(0, 8);

/** What stands for the beginning of time in events: 0001-01-01T00:00Z. */
const beginning = -62_135_596_800_000;

/** UTC minute, like 2001-01-07 21:24; undefined for a time that stands for 'everything'. */
export function minuteOf(time: number): string | undefined {
  return time > beginning && time <= 8.64e15 ? new Date(time).toISOString().slice(0, 16).replace('T', ' ') : undefined;
}
