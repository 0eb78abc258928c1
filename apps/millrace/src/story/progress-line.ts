import { counted } from '../terminal/figures.ts';

export interface Progress {
  /** First event time, and the first behind the last day. */
  readonly from: number;
  readonly to: number;
  /** Event time that was posted up to. */
  readonly time: number;
  /** Per second, by name, in the order to be shown. */
  readonly rates: readonly (readonly [string, number])[];
  /** What a hold waits for. */
  readonly held: string | undefined;
}

const barWidth = 24;
const time = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** Share of the days that was posted, 0 to 1. */
export function shareOf({ from, to, time: reached }: Pick<Progress, 'from' | 'to' | 'time'>): number {
  return to > from ? Math.min(1, Math.max(0, (reached - from) / (to - from))) : 1;
}

/** One line: where the world stands, a bar in event time, rates, and what is waited for. Cut to `width` columns. */
export function progressLine(progress: Progress, width: number): string {
  const share = shareOf(progress);
  const full = Math.round(share * barWidth);
  const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
  const rates = progress.rates.map(([what, rate]) => `${what} ${counted(rate)}/s`).join('  ');
  const held = progress.held === undefined ? '' : `  held: ${progress.held}`;
  const line = `${time.format(progress.time)} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${rates}${held}`;
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line;
}
