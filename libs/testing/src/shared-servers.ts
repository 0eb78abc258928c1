import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

// The first start on a machine may have to fetch the jars of the broker.
const READY_WITHIN_MS = 240_000;

/** A name that isolates one test from all others: prefix of topics and groups, name of a schema. Lower-case letters and digits. */
export function testWorkspace(): string {
  return `t${randomBytes(5).toString('hex')}`;
}

/** The Kafka of this test run, started by whoever asks first; groups and transactions are warm. Ends with the run. */
export async function testKafka(): Promise<{ brokers: string }> {
  return (await shared('kafka')) as { brokers: string };
}

/** The PostgreSQL of this test run, started by whoever asks first. Ends with the run. */
export async function testDatabase(): Promise<{ url: string }> {
  return (await shared('postgres')) as { url: string };
}

async function shared(server: 'kafka' | 'postgres'): Promise<unknown> {
  const directory = runDirectory();
  const address = path.join(directory, `${server}.json`);
  const host = path.join(directory, `${server}.host`);
  const log = path.join(directory, `${server}.error`);
  if (!existsSync(address) && claims(`${host}-claim`)) {
    const script = fileURLToPath(new URL('./server-host.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@millrace/source', script, server, directory], { detached: true, stdio: 'ignore', env: withoutJest() });
    writeFileSync(host, String(child.pid));
    child.unref();
  }
  return until(
    () => {
      if (existsSync(address)) return JSON.parse(readFileSync(address, 'utf8')) as unknown;
      return existsSync(log) ? { error: readFileSync(log, 'utf8') } : undefined;
    },
    { what: `${server} for the tests`, timeoutMs: READY_WITHIN_MS, everyMs: 50 },
  ).then((found) => {
    if (typeof found === 'object' && 'error' in found) throw new Error(String(found.error));
    return found;
  });
}

/** The folder that Jest's global set-up has made for all test files; a program without one gets its own. */
function runDirectory(): string {
  const given = process.env['MILLRACE_TEST_RUN'];
  if (given) return given;
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-test-'));
  chmodSync(directory, 0o755);
  writeFileSync(path.join(directory, 'owner'), String(process.pid));
  process.env['MILLRACE_TEST_RUN'] = directory;
  return directory;
}

/** Test files run in several processes: only one may make the file. */
function claims(file: string): boolean {
  try {
    writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

/** Options for Jest's own process are not meant for the server's. */
function withoutJest(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'JEST_WORKER_ID']) delete environment[name];
  return environment;
}
