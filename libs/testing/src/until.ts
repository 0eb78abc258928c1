import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as the error shall name it. */
  what: string;
  /** Default 10,000. */
  timeoutMs?: number;
  /** Pause between two tries; default 20. */
  everyMs?: number;
}

/**
 * Waits until `condition` gives a value that is neither false nor empty, and returns it. A condition that throws is not yet met.
 *
 * @example
 * const version = await until(() => registry.champion, { what: 'a champion' });
 * @throws Error that names `what` and carries the last error of the condition as its cause
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<Exclude<T, false>>> {
  const { what, timeoutMs = 10_000, everyMs = 20 } = options;
  const start = performance.now();
  for (let cause: unknown; ; await delay(everyMs)) {
    try {
      const value = await condition();
      if (value !== false && value !== undefined && value !== null) return value as NonNullable<Exclude<T, false>>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() - start > timeoutMs) throw new Error(`no ${what} within ${timeoutMs} ms`, { cause });
  }
}
