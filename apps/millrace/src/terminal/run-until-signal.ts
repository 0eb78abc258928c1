import type { Screen } from './screen.ts';

export interface Stoppable {
  /** Ends in order. */
  stop(): Promise<void>;
  /** Ends at once. */
  kill(): void;
}

/** Longer than an orderly end may take. */
const patienceMs = 9_500;
/** One Ctrl-C may come twice: from the terminal, and from npm, which passes it on. */
const sameMs = 300;

/**
 * Runs `work`; then, or at Ctrl-C or SIGTERM whatever it is doing, stops `cluster` in order. A second Ctrl-C, or a stop that takes
 * too long, kills it.
 *
 * @returns what `work` gave; undefined when a signal came first
 * @throws what `work` threw, after the stop
 */
export async function runUntilSignal<T>(cluster: Stoppable, screen: Screen, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const interrupted = new AbortController();
  const signalled = Promise.withResolvers<undefined>();
  const kill = (): never => {
    cluster.kill();
    process.exit(130);
  };
  let first = 0;
  const onSignal = (): void => {
    if (interrupted.signal.aborted) {
      if (performance.now() - first > sameMs) kill();
      return;
    }
    first = performance.now();
    interrupted.abort();
    screen.status('');
    screen.line('stopping everything in order; Ctrl-C again kills it');
    setTimeout(kill, patienceMs).unref();
    signalled.resolve(undefined);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  const working = work(interrupted.signal);
  // When a signal wins, work under way ends by its signal and its errors mean nothing.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, signalled.promise]);
  } finally {
    screen.status('');
    await cluster.stop();
  }
}
