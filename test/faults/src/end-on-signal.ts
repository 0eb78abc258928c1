/** Services, a database and a broker end well within this time. */
const withinMs = 60_000;
const stops: (() => Promise<unknown>)[] = [];
let isEnding = false;

/**
 * Ctrl-C and SIGTERM end this process by way of `stop`: servers run in process groups of their own and would stay behind. All stops are run
 * once, at the same time; then the process exits with 130.
 *
 * @example endOnSignal(() => deployment.stop());
 */
export function endOnSignal(stop: () => Promise<unknown>): void {
  if (stops.push(stop) > 1) return;
  // Not `once`: npm hands on a Ctrl-C of which the terminal has told this process already.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end());
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  console.error('ending what was started');
  // What is under way fails when its servers go.
  process.on('uncaughtException', () => undefined);
  setTimeout(() => process.exit(130), withinMs);
  await Promise.allSettled(stops.map(async (stop) => stop()));
  process.exit(130);
}
