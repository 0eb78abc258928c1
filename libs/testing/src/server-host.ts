/**
 * A process that holds one server for all test files: `server-host.ts kafka|postgres <folder of the run>`. It ends with SIGTERM, or
 * when the owner of the run is gone, so that an interrupted run leaves nothing behind.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedDatabase, EmbeddedKafka } from '@millrace/embedded';

const [, , kind, directory] = process.argv;
if ((kind !== 'kafka' && kind !== 'postgres') || !directory) throw new Error('usage: server-host.ts kafka|postgres <folder of the run>');
const owner = Number(readFileSync(path.join(directory, 'owner'), 'utf8'));
const ending = new AbortController();
process.on('SIGTERM', () => ending.abort());

try {
  const dataDir = path.join(directory, kind);
  // Many tests leave many topics behind: more heap than one workspace needs.
  const server = kind === 'kafka' ? await EmbeddedKafka.start({ dataDir, heapMb: 384 }) : await EmbeddedDatabase.start({ dataDir });
  publish(path.join(directory, `${kind}.json`), JSON.stringify('brokers' in server ? { brokers: server.brokers, pid: server.pid } : { url: server.url, pid: server.pid }));
  while (!ending.signal.aborted && isAlive(owner)) await delay(500, undefined, { signal: ending.signal }).catch(() => undefined);
  await server.stop();
  if (!isAlive(owner)) rmSync(directory, { recursive: true, force: true });
} catch (error) {
  const { code, message, hint } = error as Error & { code?: string; hint?: string };
  if (existsSync(directory)) publish(path.join(directory, `${kind}.error`), [`${code ?? 'ERROR'}: ${message}`, hint].filter(Boolean).join('; '));
  process.exitCode = 1;
}

/** Whoever sees the file sees all of it. */
function publish(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
