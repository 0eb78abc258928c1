import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { MillraceError } from '@millrace/contracts';

import { FrameKind, frameHeader, FrameReader } from './frame.ts';
import type { WorkerOrder } from './scoring-worker.ts';

/** Where ONNX Runtime computes. */
export type Provider = 'cuda' | 'cpu';

export interface ScoringChildOptions {
  readonly model: string;
  readonly features: number;
  readonly providers: readonly Provider[];
  readonly intraOpThreads: number;
  readonly memoryLimitMb: number;
  readonly startDeadlineMs: number;
  /** Ends the child, also while it starts. */
  readonly closing?: AbortSignal;
}

const MEMORY_CHECK_MS = 500;
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES'];

interface Waiting {
  readonly resolve: (scores: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/** One child process from its start to its end. One call at a time. */
export class ScoringChild {
  /** Resolves with the reason once the process is gone. */
  readonly gone: Promise<string>;
  private readonly process: ChildProcess;
  private readonly socket: Socket;
  private readonly memoryCheck: NodeJS.Timeout;
  private waiting: Waiting | undefined;
  private calls = 0;
  private why: string | undefined;
  private ready: { resolve: (provider: Provider) => void; reject: (error: Error) => void } | undefined;

  private constructor(options: ScoringChildOptions) {
    const { model, features, providers, intraOpThreads } = options;
    const order: WorkerOrder = { model, features, providers, intraOpThreads, parent: process.pid };
    const entry = workerPath();
    this.process = spawn(
      process.execPath,
      [`--max-old-space-size=${options.memoryLimitMb}`, ...(entry.endsWith('.ts') ? ['--conditions=@millrace/source'] : []), entry, JSON.stringify(order)],
      { stdio: ['ignore', 'inherit', 'inherit', 'pipe'], env: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))) },
    );
    this.socket = this.process.stdio[3] as Socket;
    const reader = new FrameReader((kind, id, body) => this.receive(kind, id, body));
    this.socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.kill(`it sent ${String((error as Error).message)}`);
      }
    });
    // The end of the process tells what happened; a broken pipe says nothing more.
    this.socket.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.process.once('error', (error) => resolve(this.end(`it could not be started: ${error.message}`)));
      this.process.once('exit', (code, signal) => resolve(this.end(this.why ?? (signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`))));
    });
    this.memoryCheck = setInterval(() => void this.checkMemory(options.memoryLimitMb), MEMORY_CHECK_MS);
    this.memoryCheck.unref();
  }

  /**
   * Starts a child and waits until its model is loaded.
   *
   * @throws MillraceError MODEL_LOAD_FAILED
   */
  static async start(options: ScoringChildOptions): Promise<{ child: ScoringChild; provider: Provider }> {
    const child = new ScoringChild(options);
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

  /** Whether the process is gone or about to go. */
  get lost(): boolean {
    return this.why !== undefined;
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
        this.waiting = { resolve, reject };
        timer = setTimeout(() => {
          reject(new MillraceError('SCORING_TIMEOUT', `no answer within ${deadlineMs} ms`, { retriable: true, hint: 'the process was replaced; send fewer rows or raise the deadline' }));
          this.kill(`it did not answer within ${deadlineMs} ms`);
        }, deadlineMs);
        this.socket.cork();
        this.socket.write(frameHeader(FrameKind.SCORE, this.calls, rows.byteLength));
        this.socket.write(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
        this.socket.uncork();
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

  private receive(kind: number, id: number, body: Uint8Array): void {
    if (kind === FrameKind.READY) this.ready?.resolve(Buffer.from(body).toString('utf8') as Provider);
    else if (kind === FrameKind.FAILED && id === 0) this.ready?.reject(new MillraceError('MODEL_LOAD_FAILED', Buffer.from(body).toString('utf8')));
    else if (id !== this.calls) return;
    else if (kind === FrameKind.SCORES) this.waiting?.resolve(new Float32Array(body.buffer));
    else this.waiting?.reject(new MillraceError('SCORING_FAILED', Buffer.from(body).toString('utf8')));
  }

  private end(why: string): string {
    clearInterval(this.memoryCheck);
    this.why = why;
    this.socket?.destroy();
    this.ready?.reject(new MillraceError('MODEL_LOAD_FAILED', `the scoring process is gone: ${why}`));
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

/** The child's entry stands beside this file, in source and in dist; from a bundled service it is found in the package. */
function workerPath(): string {
  const beside = fileURLToPath(new URL(`./scoring-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve('@millrace/scoring/worker');
}
