/** A worker's answers to the bench: what it has used so far, and its end. */
export function serveFigures(stop: () => Promise<unknown>): void {
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1000 });
    } else void stop().finally(() => process.exit(0));
  });
  process.on('disconnect', () => process.exit(1));
}
