const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 41954 is '41,954'. */
export const counted = (value: number): string => whole.format(value);

/** Four digits behind the point; an unknown figure is a dash. */
export const figure = (value: number | null | undefined): string => (typeof value === 'number' && Number.isFinite(value) ? value.toFixed(4) : '–');

/** UTC day, like 2001-01-08. */
export const dayText = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** UTC minute, like 2001-01-07 21:24. */
export const minuteText = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
