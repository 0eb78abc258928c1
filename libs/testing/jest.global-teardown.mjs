import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Ends the servers that the test files have shared and waits until they are gone. */
export default async function tearDown() {
  const directory = globalThis.millraceTestRun;
  if (!directory || !existsSync(directory)) return;
  const hosts = readdirSync(directory).filter((name) => name.endsWith('.host'));
  await Promise.all(hosts.map((name) => end(Number(readFileSync(path.join(directory, name), 'utf8')))));
  rmSync(directory, { recursive: true, force: true });
}

async function end(pid) {
  const lives = () => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  if (lives()) process.kill(pid, 'SIGTERM');
  for (const until = Date.now() + 20_000; lives() && Date.now() < until; ) await delay(50);
}
