import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '@millrace/embedded';
import type { UpState } from './state-file.ts';

const patienceMs = 8_000;

/**
 * Ends the servers that a killed supervisor has left behind on a data folder: nobody else would. Services end by themselves when
 * their supervisor is gone.
 *
 * @param directory absolute path of the data folder, which stands in the command lines of its servers
 * @returns names of those that were ended
 */
export async function endLeftovers(left: UpState, directory: string): Promise<string[]> {
  const mine = Object.entries(left.servers).filter(([, { pid }]) => isRunning(pid, directory));
  // PostgreSQL waits for its clients on SIGTERM; SIGINT cuts them off. Kafka takes both.
  for (const [, { pid }] of mine) process.kill(pid, 'SIGINT');
  for (const [, { pid }] of mine) {
    const until = performance.now() + patienceMs;
    while (isRunning(pid, directory) && performance.now() < until) await delay(50);
    if (isRunning(pid, directory)) process.kill(pid, 'SIGKILL');
  }
  return mine.map(([name]) => name);
}
