const firstMs = 100;
const mostMs = 5_000;
/** A process that has lived so long is no longer in trouble. */
const settledMs = 10_000;

/**
 * How long to wait before a process is started again: 100 ms, doubling to 5 s while it keeps dying young.
 *
 * @param young how many lives in a row ended within 10 s
 */
export function backOffMs(young: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.max(0, young - 1));
}

/** How many lives in a row were short, after one more of `livedMs`. */
export function youngAfter(young: number, livedMs: number): number {
  return livedMs >= settledMs ? 1 : young + 1;
}
