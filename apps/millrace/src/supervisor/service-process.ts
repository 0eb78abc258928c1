import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { backOffMs, youngAfter } from './back-off.ts';
import { watchLiveness, type Liveness } from './liveness-watch.ts';
import { parseLogLine, type LogLine } from './log-line.ts';
import type { ServiceState } from './state-file.ts';

export interface ServiceCommand {
  readonly name: string;
  /** JavaScript file that it runs. */
  readonly entry: string;
  /** Options of node. */
  readonly nodeOptions: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** How far it stands back for others when processors are short, as for `nice`; 0 = not at all. */
  readonly niceness: number;
  /** When it counts as dead although it runs; left out: never. */
  readonly liveness?: Liveness;
}

export interface ServiceWatcher {
  /** A line of its log. */
  wrote(line: LogLine): void;
  /** Started, ready, ended: pid, port or count of restarts is another one now. */
  changed(name: string, state: ServiceState): void;
  /** It ended by itself and starts again after a pause. */
  died(name: string, how: string, againInMs: number): void;
}

/** A service that dies so often before it was ready even once will not come up. */
const attemptsAtFirst = 3;

/**
 * One service as a process of its own, started again when it dies. It leads a process group: Ctrl-C in a terminal reaches the
 * supervisor only, and a kill reaches the processes of its jobs too.
 */
export class ServiceProcess {
  readonly name: string;
  private readonly command: ServiceCommand;
  private readonly watcher: ServiceWatcher;
  private child: ChildProcess | undefined;
  private port: number | undefined;
  private restarts = 0;
  private young = 0;
  private failures = 0;
  private lastError = '';
  private readonly stopping = new AbortController();
  private readonly becameReady = Promise.withResolvers<void>();
  private running: Promise<void> | undefined;

  constructor(command: ServiceCommand, watcher: ServiceWatcher) {
    this.name = command.name;
    this.command = command;
    this.watcher = watcher;
    this.becameReady.promise.catch(() => undefined);
  }

  get state(): ServiceState {
    return { pid: this.child?.pid, port: this.port, restarts: this.restarts };
  }

  /** Resolves when it is ready for the first time. @throws MillraceError SERVICE_FAILED */
  start(): Promise<void> {
    this.running ??= this.run();
    return this.becameReady.promise;
  }

  /** Asks it to end; resolves when it has. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.child?.kill('SIGTERM');
    await this.running;
  }

  /** Ends it and what it has started, at once. */
  kill(): void {
    this.stopping.abort();
    if (this.child) endGroup(this.child);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const startedAt = performance.now();
      const how = await this.live();
      if (this.stopping.signal.aborted) break;
      this.young = youngAfter(this.young, performance.now() - startedAt);
      if (this.port === undefined && ++this.failures === attemptsAtFirst) {
        this.becameReady.reject(new MillraceError('SERVICE_FAILED', `${this.name} does not start, it ${how}${this.lastError && `: ${this.lastError}`}`, { hint: 'run again with --verbose to see all it says' }));
        return;
      }
      const pauseMs = backOffMs(this.young);
      this.watcher.died(this.name, how, pauseMs);
      await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      this.restarts++;
    }
    this.becameReady.reject(new MillraceError('STOPPED', `${this.name} was stopped before it was ready`));
  }

  /** One life: from start to end. @returns how it ended */
  private live(): Promise<string> {
    const { entry, nodeOptions, environment } = this.command;
    // The doors keep their port over a restart, unless it was lost meanwhile.
    const port = this.young > 1 ? 0 : (this.port ?? 0);
    const child = fork(entry, [], { execArgv: [...nodeOptions], env: { ...environment, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    this.child = child;
    if (child.pid !== undefined && this.command.niceness > 0) standBack(child.pid, this.command.niceness);
    this.watcher.changed(this.name, this.state);
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', (line) => this.heard(line));
    child.on('message', (message: { ready?: boolean; port?: number }) => {
      if (!message.ready || message.port === undefined) return;
      this.port = message.port;
      this.watcher.changed(this.name, this.state);
      this.becameReady.resolve();
      if (this.command.liveness) void watchLiveness(message.port, this.command.liveness, ended.signal, () => endGroup(child));
    });
    const ended = new AbortController();
    child.once('exit', () => ended.abort());
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    });
  }

  private heard(text: string): void {
    if (text.trim() === '') return;
    const line = parseLogLine(this.name, text);
    if (line.level === 'error') this.lastError = line.text;
    this.watcher.wrote(line);
  }
}

// It may have ended already; then its end is what counts.
function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    return;
  }
}

/** Ends a process and what it has started, at once. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || !isAlive(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
