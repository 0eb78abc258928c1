import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Random } from '../random.ts';
import { FailPointHits, type FailPointHit } from './fail-point-hits.ts';
import type { ServiceName } from './service-names.ts';

export interface DrivenServiceOptions {
  readonly name: ServiceName;
  /** 1 or 2: which of two instances. */
  readonly instance: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Fail points of each of its processes (MILLRACE_FAIL_POINTS); default none. */
  readonly failPoints?: string;
  /** Folder for its log. */
  readonly logs: string;
  /** Options for Node.js, such as a module to load first. */
  readonly nodeOptions?: readonly string[];
  /** Of the chance in fail points. */
  readonly seed?: number;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** As the supervisor of `millrace up` does. */
const restartAfterMs = 100;
/** A service that does not listen for so long, or does not end for so long after SIGTERM, is itself a fault. */
const startWithinMs = 120_000;
const endWithinMs = 30_000;
/** What a process has said last arrives after its end. */
const lastWordsMs = 500;
/** A process that a fail point has stopped goes on after one of these times, in turn; one that hangs is killed, as by whoever watches it. */
const stoppedForMs = [1000, 4000, 12_000] as const;
const hangsForMs = 3000;
/** Start included. */
const pointWithinMs = 8000;

/** One instance of a service as a process, started again whenever it ends by itself or by a fault, as any supervision would. */
export class DrivenService {
  readonly name: ServiceName;
  readonly label: string;
  /** How often it was started. */
  starts = 0;
  /** Ends that no fault of the plan has caused, with their exit codes. */
  readonly unasked: string[] = [];
  /** Ends that were asked for and did not come in time. */
  readonly late: string[] = [];
  /** What fail points did in this process and in its children. */
  readonly hits: FailPointHit[] = [];
  private readonly options: DrivenServiceOptions;
  private child: ChildProcess | undefined;
  private address: string | undefined;
  private wanted = false;
  private isAsked = false;
  private isPaused = false;
  private restarting: NodeJS.Timeout | undefined;
  private pointsOfNext: string | undefined;
  private armed = false;
  private launchedAt = 0;
  private hitsAtLaunch = 0;
  /** Replaced processes that still stand there. */
  private readonly strays = new Set<ChildProcess>();

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
    this.launch();
    for (const end = performance.now() + startWithinMs; this.wanted && this.address === undefined; await delay(20)) {
      if (performance.now() > end) throw new Error(`${this.label} does not listen within ${startWithinMs / 1000} s of its start`);
    }
  }

  /** Whether this process has fail points of its own. */
  get isArmed(): boolean {
    return this.isRunning && this.armed;
  }

  /** Whether its fail point may still act soon: it was armed a short while ago. */
  get isBusyWithPoint(): boolean {
    return this.isArmed && this.hits.length === this.hitsAtLaunch && performance.now() - this.launchedAt < pointWithinMs;
  }

  /** Fail points for its next start only, in place of its usual ones. */
  armNext(points: string): void {
    this.pointsOfNext = points;
  }

  /** A fault: it ends by this signal, and is started again. Returns false when it did not run. */
  async end(signal: 'SIGKILL' | 'SIGTERM', withinMs = endWithinMs): Promise<boolean> {
    const { child } = this;
    if (!child || !this.isRunning) return false;
    this.isAsked = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    // One that stands still would never see the signal.
    if (signal === 'SIGTERM') this.resume();
    const late = setTimeout(() => {
      this.late.push(`${this.label} did not end within ${withinMs / 1000} s of ${signal}`);
      child.kill('SIGKILL');
    }, withinMs);
    await gone;
    clearTimeout(late);
    return true;
  }

  /**
   * A fault: the process stands still, and another takes its place, as when a machine is believed to be dead. What goes on later does not
   * know it. Undefined when it does not run.
   */
  replace(): { resume(): void; end(): Promise<void> } | undefined {
    const { child } = this;
    if (!child || !this.isRunning) return undefined;
    child.kill('SIGSTOP');
    this.strays.add(child);
    this.child = undefined;
    this.address = undefined;
    this.launch();
    return {
      resume: () => void child.kill('SIGCONT'),
      end: async () => {
        if (!this.strays.has(child)) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    };
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

  /** It is not started again; had it to be killed, that stands in `late`. */
  async stop(withinMs = 15_000): Promise<void> {
    this.wanted = false;
    clearTimeout(this.restarting);
    for (const stray of this.strays) stray.kill('SIGKILL');
    await this.end('SIGTERM', withinMs);
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
    clearTimeout(this.restarting);
    if (this.isRunning) return;
    const { name, environment, failPoints = '', logs, nodeOptions = [], seed = 0 } = this.options;
    this.starts++;
    this.isAsked = false;
    const rules = this.pointsOfNext ?? failPoints;
    this.armed = this.pointsOfNext !== undefined;
    this.launchedAt = performance.now();
    this.hitsAtLaunch = this.hits.length;
    this.pointsOfNext = undefined;
    // Each start has a chance of its own.
    const points = rules && `${rules}; seed=${new Random('points', seed, this.label, this.starts).whole(0, 2 ** 31 - 1)}`;
    const log = createWriteStream(join(logs, `${this.label}.log`), { flags: 'a' });
    log.write(`--- start ${this.starts} ${points}\n`);
    const child = spawn(process.execPath, ['--enable-source-maps', ...nodeOptions, join(root, 'apps', name, 'dist', 'main.js')], {
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'), ...environment, MILLRACE_INSTANCE: `${this.label}-${this.starts}`, PORT: '0', MILLRACE_FAIL_POINTS: points },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    const lethal = new Set<number>();
    for (const stream of [child.stdout!, child.stderr!]) {
      const hits = new FailPointHits((hit) => {
        this.hits.push(hit);
        if (hit.action === 'kill' || hit.action === 'hang') lethal.add(hit.pid);
        this.treat(hit, child);
      });
      stream.on('data', (chunk: Buffer) => {
        log.write(`${new Date().toISOString()} ${chunk.toString()}`);
        hits.push(chunk.toString());
      });
    }
    child.on('message', (said) => {
      const { port } = said as { port?: number };
      if (port !== undefined && this.child === child) this.address = `http://127.0.0.1:${port}`;
    });
    child.on('exit', (code, signal) => {
      const wasAsked = this.strays.delete(child) || this.isAsked;
      setTimeout(() => {
        log.end(`--- ended by ${signal ?? `code ${code}`}\n`);
        // One that was asked to end may not yet have heard signals, but has no reason to fail.
        const isFine = wasAsked ? !code : signal === 'SIGKILL' && lethal.has(child.pid!);
        if (!isFine) this.unasked.push(`${this.label} ended with ${signal ?? `code ${code}`}${wasAsked ? ' when it was asked to end' : ''}`);
      }, lastWordsMs);
      if (this.child !== child) return;
      this.address = undefined;
      if (this.wanted) this.restarting = setTimeout(() => this.launch(), restartAfterMs);
    });
  }
  /** Nothing that a fail point did lasts for ever. */
  private treat({ action, pid }: FailPointHit, child: ChildProcess): void {
    if (action !== 'stop' && action !== 'hang') return;
    const ms = action === 'hang' ? hangsForMs : this.isAsked ? stoppedForMs[0]! : stoppedForMs[this.hits.length % stoppedForMs.length]!;
    setTimeout(() => {
      if (action === 'stop' && pid === child.pid && (this.isPaused || this.strays.has(child))) return;
      try {
        process.kill(pid, action === 'stop' ? 'SIGCONT' : 'SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    }, ms).unref();
  }
}
