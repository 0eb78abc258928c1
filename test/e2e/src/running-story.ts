import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** What `up.json` says of the processes. */
export interface UpState {
  readonly brokers: string;
  readonly services: Readonly<Record<string, { readonly pid: number; readonly port: number; readonly restarts: number }>>;
}

/** `millrace demo flights` as a person starts it, with its own Kafka and Postgres. */
export class RunningStory {
  readonly folder: string;
  private readonly process: ChildProcess;
  private readonly exited: Promise<number | null>;

  constructor(folder: string, options: readonly string[]) {
    this.folder = folder;
    const log = createWriteStream(join(folder, 'story.log'));
    this.process = spawn(process.execPath, ['--enable-source-maps', join(root, 'apps', 'millrace', 'dist', 'main.js'), 'demo', 'flights', '--data-dir', join(folder, 'data'), '--report', this.reportFile, ...options], {
      cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: withoutJest(),
    });
    this.process.stdout!.pipe(log, { end: false });
    this.process.stderr!.pipe(log, { end: false });
    this.exited = new Promise((resolve) => this.process.once('exit', (code) => resolve(code)));
  }

  get reportFile(): string {
    return join(this.folder, 'report.json');
  }

  /** Undefined until the services run. */
  up(): UpState | undefined {
    const file = join(this.folder, 'data', 'up.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as UpState) : undefined;
  }

  /** Undefined until the story is told. @throws when it ended before */
  report(): { ok: boolean; checks: { name: string; ok: boolean; value: unknown; limit: unknown }[] } | undefined {
    if (existsSync(this.reportFile)) return JSON.parse(readFileSync(this.reportFile, 'utf8')) as never;
    if (this.process.exitCode !== null) throw new Error(`the story ended with ${this.process.exitCode}; see ${this.folder}/story.log: ${this.tail()}`);
    return undefined;
  }

  /** Asks a door of a service for JSON. */
  async ask(service: string, path: string): Promise<unknown> {
    const port = this.up()?.services[service]?.port;
    if (!port) return undefined;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return answer.ok ? answer.json() : undefined;
  }

  kill(service: string): void {
    const pid = this.up()?.services[service]?.pid;
    if (!pid) throw new Error(`${service} does not run`);
    process.kill(pid, 'SIGKILL');
  }

  /** Ctrl-C; the exit code. */
  async interrupt(): Promise<number | null> {
    this.process.kill('SIGINT');
    return this.exited;
  }

  /** Last lines of what the story printed. */
  tail(): string {
    return readFileSync(join(this.folder, 'story.log'), 'utf8').split('\n').slice(-15).join('\n');
  }
}

function withoutJest(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, JEST_WORKER_ID: _worker, KAFKA_BROKERS: _brokers, DATABASE_URL: _database, ...rest } = process.env;
  return rest;
}
