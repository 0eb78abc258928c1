import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { MillraceError } from '@millrace/contracts';
// The worker loads it only where points are set, for its start-up time; a service has it anyway.
// eslint-disable-next-line @nx/enforce-module-boundaries
import { childEnvironment } from '@millrace/fail-points';

import { FrameKind, frameHeader, FrameReader } from './frame.ts';
import type { WorkerFailure, WorkerOrder } from './scoring-worker.ts';

/** Where ONNX Runtime computes. */
export type Provider = 'cuda' | 'cpu';

export interface ScoringChildOptions {
  /** Content of model.onnx. */
  readonly model: Uint8Array;
  readonly features: number;
  readonly providers: readonly Provider[];
  readonly intraOpThreads: number;
  readonly memoryLimitMb: number;
  readonly startDeadlineMs: number;
  /** Arguments of node that start the child. Default: the worker of this library. */
  readonly program?: readonly string[] | undefined;
  /** Ends the child, also while it starts. */
  readonly closing?: AbortSignal;
}

const MEMORY_CHECK_MS = 500;
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'NODE_ENV', 'MILLRACE_FAIL_POINTS'];
/** No model sends them to itself: operators, containers, a kernel without memory. */
const fromOutside: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
/** Scores of 4,000,000 rows. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;

interface Waiting {
  readonly rows: number;
  readonly resolve: (scores: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/** One child process from its start to its end. One call at a time. */
export class ScoringChild {
  /** Resolves with the reason once the process is gone. */
  readonly gone: Promise<string>;
  private readonly features: number;
  private readonly providers: readonly Provider[];
  private readonly process: ChildProcess;
  private readonly socket: Socket;
  private readonly memoryCheck: NodeJS.Timeout;
  private waiting: Waiting | undefined;
  private calls = 0;
  private why: string | undefined;
  private innocent = false;
  private ready: { resolve: (provider: Provider) => void; reject: (error: Error) => void } | undefined;

  private constructor(options: ScoringChildOptions) {
    const { model, features, providers, intraOpThreads, memoryLimitMb } = options;
    const order: WorkerOrder = { features, providers, intraOpThreads, memoryLimitMb, parent: process.pid };
    this.features = features;
    this.providers = providers;
    this.process = spawn(process.execPath, [`--max-old-space-size=${memoryLimitMb}`, ...(options.program ?? workerProgram()), JSON.stringify(order)], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      // Few arenas: each reserves addresses, which are limited.
      env: { ...childEnvironment(Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))), MALLOC_ARENA_MAX: '2' },
    });
    // First of all: without descriptors there are no streams, and an error that nobody hears would end the caller.
    this.gone = new Promise((resolve) => {
      this.process.once('error', (error) => {
        this.ready?.reject(unavailable(error.message, error));
        resolve(this.end(`it could not be started: ${error.message}`));
      });
      this.process.once('exit', (code, signal) => resolve(this.end(this.why ?? (signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`), this.why === undefined && signal !== null && fromOutside.includes(signal))));
    });
    this.socket = this.process.stdio[3] as Socket;
    const reader = new FrameReader((kind, id, body) => this.receive(kind, id, body), MAX_ANSWER_BYTES);
    this.socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.kill(`it sent ${String((error as Error).message)}`);
      }
    });
    // The end of the process tells what happened; a broken pipe says nothing more.
    this.socket.on('error', () => undefined);
    this.memoryCheck = setInterval(() => void this.checkMemory(options.memoryLimitMb), MEMORY_CHECK_MS);
    this.memoryCheck.unref();
    this.send(FrameKind.LOAD, 0, model);
  }

  /**
   * Starts a child and waits until its model is checked and loaded.
   *
   * @throws MillraceError MODEL_REFUSED (the file is not admitted), MODEL_LOAD_FAILED (the runtime cannot load it), SCORING_ENDED
   *   (retriable: somebody else has ended the process), SCORING_UNAVAILABLE (retriable: this machine cannot start one now), SCORING_CLOSED
   */
  static async start(options: ScoringChildOptions): Promise<{ child: ScoringChild; provider: Provider }> {
    if (options.closing?.aborted) throw new MillraceError('SCORING_CLOSED', 'the scoring process was closed');
    const child = ScoringChild.spawn(options);
    const close = (): void => child.kill('the scoring process was closed');
    options.closing?.addEventListener('abort', close);
    void child.gone.then(() => options.closing?.removeEventListener('abort', close));
    const timer = setTimeout(() => child.kill(`its model was not loaded within ${options.startDeadlineMs} ms`), options.startDeadlineMs);
    try {
      const provider = await new Promise<Provider>((resolve, reject) => {
        child.ready = { resolve, reject };
      });
      return { child, provider };
    } catch (cause) {
      child.kill('its model cannot be loaded');
      await child.gone;
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  private static spawn(options: ScoringChildOptions): ScoringChild {
    try {
      return new ScoringChild(options);
    } catch (cause) {
      // Without descriptors or memory spawn() throws, or gives a process without streams.
      throw unavailable((cause as Error).message, cause);
    }
  }

  /** Whether the process is gone or about to go. */
  get lost(): boolean {
    return this.why !== undefined;
  }

  /** The error of a process that somebody else has ended; undefined for any other. */
  get endedFromOutside(): MillraceError | undefined {
    return this.innocent ? ended(this.why!) : undefined;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Scores rows; past the deadline the process is killed. Throws SCORING_TIMEOUT, SCORING_CRASHED, SCORING_FAILED. */
  async score(rows: Float32Array, deadlineMs: number): Promise<Float32Array> {
    if (this.why !== undefined) throw crashed(this.why);
    this.calls = (this.calls + 1) % 2 ** 32;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        this.waiting = { rows: rows.length / this.features, resolve, reject };
        timer = setTimeout(() => {
          reject(new MillraceError('SCORING_TIMEOUT', `no answer within ${deadlineMs} ms`, { retriable: true, hint: 'the process was replaced; send fewer rows or raise the deadline' }));
          this.kill(`it did not answer within ${deadlineMs} ms`);
        }, deadlineMs);
        this.send(FrameKind.SCORE, this.calls, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
      });
    } finally {
      clearTimeout(timer);
      this.waiting = undefined;
    }
  }

  /** Ends the process at once, whatever it does. */
  kill(why: string): void {
    this.why ??= why;
    this.process.kill('SIGKILL');
  }

  private send(kind: number, id: number, body: Uint8Array): void {
    this.socket.cork();
    this.socket.write(frameHeader(kind, id, body.byteLength));
    this.socket.write(body);
    this.socket.uncork();
  }

  /** What no child of this library sends ends it: after it nothing that it says can be trusted. */
  private receive(kind: number, id: number, body: Uint8Array): void {
    if (kind === FrameKind.READY) this.loaded(Buffer.from(body).toString('latin1'));
    else if (kind === FrameKind.FAILED) this.failed(id, body);
    else if (kind !== FrameKind.SCORES) this.kill(`it sent a frame of the unknown kind ${kind}`);
    else if (id !== this.calls || !this.waiting) this.kill(`it answered call ${id}, which was not asked`);
    else if (body.length !== 4 * this.waiting.rows) this.kill(`it answered ${body.length} bytes for ${this.waiting.rows} rows`);
    else this.waiting.resolve(new Float32Array(body.buffer));
  }

  private loaded(provider: string): void {
    if (this.providers.includes(provider as Provider)) this.ready?.resolve(provider as Provider);
    else this.kill('it names a provider that was not asked for');
  }

  private failed(id: number, body: Uint8Array): void {
    const { code, message, hint } = failureOf(body);
    const error = new MillraceError(code, message, hint === undefined ? {} : { hint });
    if (id === 0) this.ready?.reject(error);
    else if (id === this.calls) this.waiting?.reject(error);
  }

  /** @param isInnocent whether neither the model nor this class has ended it */
  private end(why: string, isInnocent = false): string {
    clearInterval(this.memoryCheck);
    this.why = why;
    this.socket?.destroy();
    this.innocent = isInnocent;
    this.ready?.reject(this.endedFromOutside ?? new MillraceError('MODEL_LOAD_FAILED', `the scoring process is gone: ${why}`));
    this.waiting?.reject(crashed(why));
    return why;
  }

  /** Native memory is outside V8's limit. Where there is no /proc, only V8's limit holds. */
  private async checkMemory(limitMb: number): Promise<void> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8').catch(() => '');
    const usedMb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
    if (usedMb > limitMb) this.kill(`it used ${Math.round(usedMb)} MB of memory, ${limitMb} MB are allowed`);
  }
}

function crashed(why: string): MillraceError {
  return new MillraceError('SCORING_CRASHED', `the scoring process is gone: ${why}`, { retriable: true });
}

function ended(why: string): MillraceError {
  return new MillraceError('SCORING_ENDED', `the scoring process is gone: ${why}`, { retriable: true, hint: 'not the model has ended it: look for a kernel without memory, or a person' });
}

function unavailable(why: string, cause: unknown): MillraceError {
  return new MillraceError('SCORING_UNAVAILABLE', `no scoring process can be started: ${why}`, { retriable: true, cause, hint: 'this machine lacks memory, processes or file descriptors' });
}

const FAILURES: readonly string[] = ['MODEL_REFUSED', 'MODEL_LOAD_FAILED', 'SCORING_FAILED'] satisfies WorkerFailure['code'][];

function failureOf(body: Uint8Array): WorkerFailure {
  try {
    const { code, message, hint } = JSON.parse(Buffer.from(body).toString('utf8')) as Partial<WorkerFailure>;
    if (code !== undefined && FAILURES.includes(code)) return { code, message: String(message), hint: typeof hint === 'string' ? hint : undefined };
  } catch {
    // No answer of this library's worker.
  }
  return { code: 'SCORING_FAILED', message: 'the scoring process failed without saying why' };
}

/** The child's entry stands beside this file, in source and in dist; from a bundled service it is found in the package. */
function workerProgram(): string[] {
  const beside = fileURLToPath(new URL(`./scoring-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  if (!existsSync(beside)) return [createRequire(import.meta.url).resolve('@millrace/scoring/worker')];
  return beside.endsWith('.ts') ? ['--conditions=@millrace/source', beside] : [beside];
}
