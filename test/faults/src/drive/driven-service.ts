import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from './service-names.ts';

export interface DrivenServiceOptions {
  readonly name: ServiceName;
  /** 1 or 2: which of two instances. */
  readonly instance: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder for its log. */
  readonly logs: string;
  /** Options for Node.js, such as a module to load first. */
  readonly nodeOptions?: readonly string[];
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** As the supervisor of `millrace up` does. */
const restartAfterMs = 100;

/** One instance of a service as a process, started again whenever it ends by itself or by a fault, as any supervision would. */
export class DrivenService {
  readonly name: ServiceName;
  readonly label: string;
  /** How often it was started. */
  starts = 0;
  /** Ends that no fault of the plan has caused, with their exit codes. */
  readonly unasked: string[] = [];
  private readonly options: DrivenServiceOptions;
  private child: ChildProcess | undefined;
  private address: string | undefined;
  private wanted = false;
  private isAsked = false;
  private isPaused = false;
  private restarting: NodeJS.Timeout | undefined;
  private onceEnvironment: NodeJS.ProcessEnv = {};

  constructor(options: DrivenServiceOptions) {
    this.options = options;
    this.name = options.name;
    this.label = `${options.name}-${options.instance}`;
  }

  /** Base address of its doors while it listens. */
  get url(): string | undefined {
    return this.address;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.wanted = true;
    if (!this.isRunning) this.launch();
    while (this.wanted && this.address === undefined) await delay(20);
  }

  /** Fail points and the like for its next start only. */
  armNext(environment: NodeJS.ProcessEnv): void {
    this.onceEnvironment = environment;
  }

  /** A fault: it ends by this signal, and is started again. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    this.isAsked = true;
    const gone = once(this.child!, 'exit');
    this.child!.kill(signal);
    // One that stands still would never see the signal.
    if (signal === 'SIGTERM') this.resume();
    await gone;
  }

  /** A fault: the process stands still and goes on later, not knowing it. */
  pause(): void {
    this.isPaused = true;
    if (this.isRunning) this.child!.kill('SIGSTOP');
  }

  resume(): void {
    this.isPaused = false;
    if (this.isRunning) this.child!.kill('SIGCONT');
  }

  /** Goes on if it has stopped itself, as a fail point can make it. */
  resumeUnlessPaused(): void {
    if (!this.isPaused) this.resume();
  }

  /** It is not started again. Returns false when it had to be killed. */
  async stop(withinMs = 15_000): Promise<boolean> {
    this.wanted = false;
    clearTimeout(this.restarting);
    if (!this.isRunning) return true;
    const late = setTimeout(() => this.child!.kill('SIGKILL'), withinMs);
    this.resume();
    await this.end('SIGTERM');
    clearTimeout(late);
    return this.child!.signalCode !== 'SIGKILL';
  }

  /** Body of a GET; undefined when it does not answer. */
  async get<T>(path: string): Promise<T | undefined> {
    if (this.address === undefined) return undefined;
    try {
      const answer = await fetch(`${this.address}/${path}`, { signal: AbortSignal.timeout(3000) });
      return answer.ok ? ((await answer.json()) as T) : undefined;
    } catch {
      return undefined;
    }
  }

  private launch(): void {
    const { name, environment, logs, nodeOptions = [] } = this.options;
    this.starts++;
    this.isAsked = false;
    const planned = this.onceEnvironment;
    this.onceEnvironment = {};
    const log = createWriteStream(join(logs, `${this.label}.log`), { flags: 'a' });
    log.write(`--- start ${this.starts} ${JSON.stringify(planned)}\n`);
    const child = spawn(process.execPath, ['--enable-source-maps', ...nodeOptions, join(root, 'apps', name, 'dist', 'main.js')], {
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'), ...environment, MILLRACE_INSTANCE: `${this.label}-${this.starts}`, PORT: '0', ...planned },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => log.write(`${new Date().toISOString()} ${chunk.toString()}`));
    child.on('message', (said) => {
      const { port } = said as { port?: number };
      if (port !== undefined && this.child === child) this.address = `http://127.0.0.1:${port}`;
    });
    child.on('exit', (code, signal) => {
      log.end(`--- ended by ${signal ?? `code ${code}`}\n`);
      this.address = undefined;
      const planned = this.isAsked || signal === 'SIGKILL';
      if (!planned) this.unasked.push(`${this.label} ended with ${signal ?? `code ${code}`}`);
      if (this.wanted) this.restarting = setTimeout(() => this.launch(), restartAfterMs);
    });
  }
}
