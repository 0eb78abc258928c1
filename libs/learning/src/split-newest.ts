import { MillraceError } from '@millrace/contracts';

export interface Split {
  /** Rows to train on, oldest first. */
  readonly training: Uint32Array;
  /** The newest rows, oldest first. */
  readonly holdout: Uint32Array;
}

/**
 * Holds the newest rows back: sorted by event time, ties by id, the last floor(n · share) are the holdout. A split by time tells how
 * a model does on what comes after its data; a random one would let it look ahead.
 * Source: out-of-time validation, Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, section 5.8.
 *
 * @param eventTimes one per row, milliseconds since 1970-01-01T00:00Z
 * @param ids one per row, e.g. event ids as hex; compared by code unit
 * @param holdoutShare in (0, 1)
 * @returns row numbers
 * @throws MillraceError LENGTHS_DIFFER, BAD_OPTION, NO_ROWS
 * @example splitNewest([30, 10, 20, 20], ['a', 'b', 'd', 'c'], 0.5) // training [1, 3], holdout [2, 0]
 */
export function splitNewest(eventTimes: ArrayLike<number>, ids: ArrayLike<string>, holdoutShare: number): Split {
  const n = eventTimes.length;
  if (ids.length !== n) throw new MillraceError('LENGTHS_DIFFER', `${n} event times but ${ids.length} ids`, { hint: 'pass one id per row' });
  if (!(holdoutShare > 0 && holdoutShare < 1)) throw new MillraceError('BAD_OPTION', `holdout share is ${holdoutShare}`, { hint: 'a number between 0 and 1, for example 0.2' });
  for (let i = 0; i < n; i++) if (Number.isNaN(eventTimes[i]!)) throw new MillraceError('BAD_OPTION', `event time of row ${i} is NaN`, { hint: 'leave out rows without an event time' });
  // 0.29 · 100 is 28.999… in float64, and 29 is meant.
  const held = Math.floor(n * holdoutShare + 1e-9);
  if (held === 0 || held === n) throw new MillraceError('NO_ROWS', `${n} rows cannot be split with a holdout of ${holdoutShare}`, { hint: 'wait for more labels' });
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    const difference = eventTimes[a]! - eventTimes[b]!;
    if (difference !== 0) return difference;
    return ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0;
  });
  return { training: order.slice(0, n - held), holdout: order.slice(n - held) };
}
