import { setTimeout as delay } from 'node:timers/promises';

export interface Liveness {
  /** Address that its door listens on. */
  readonly host: string;
  /** Pause between two questions, ms. */
  readonly everyMs: number;
  /** Questions in a row without an answer until a process counts as dead. */
  readonly unanswered: number;
}

/** A minute for one that refuses connections, two for one that takes them and says nothing: a process whose loop is blocked cannot notice it by a watchdog of its own. */
export const aMinute = { everyMs: 5000, unanswered: 12 };

/** A connection was taken and then ended: whoever ends it runs, as a door does that has no place for more connections. */
const ended = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * Asks `GET /health/live` until the signal ends it, and calls `dead` once when too many questions in a row went unanswered. It counts
 * questions and not time, so that a machine that slept finds nobody dead.
 */
export async function watchLiveness(port: number, { host, everyMs, unanswered }: Liveness, signal: AbortSignal, dead: () => void): Promise<void> {
  for (let silent = 0; silent < unanswered; ) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    silent = (await answers(host, port, everyMs)) ? 0 : silent + 1;
  }
  if (!signal.aborted) dead();
}

async function answers(host: string, port: number, withinMs: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}:${port}/health/live`, { signal: AbortSignal.timeout(withinMs) });
    await answer.body?.cancel();
    return true;
  } catch (error) {
    return ended.has((error as { cause?: { code?: string } }).cause?.code ?? '');
  }
}
