import { MillraceError } from '@millrace/contracts';
import { HandlerFailed } from './handler-failed.ts';
import type { LoopLog } from './loop-log.ts';

export type LoopState = 'starting' | 'running' | 'stopped' | 'failed';

/** A session that lasted so long was sound: the next failure waits no longer than a first one. */
const soundAfterMs = 10_000;

/**
 * A loop that owns something (a lane, a slot, a decider's topic) by holding its writer. Whatever goes wrong with the broker or the
 * writer ends the session and a new one begins under the same id; an error that would repeat ends the loop.
 */
export abstract class RestartingLoop {
  readonly name: string;
  protected readonly log: LoopLog;
  protected stopping = false;
  private loopState: LoopState = 'starting';
  private running: Promise<void> | undefined;
  private failure: Error | undefined;
  private lastSign = performance.now();
  private readySince: number | undefined;
  private failures = 0;

  constructor(name: string, log: LoopLog) {
    this.name = name;
    this.log = log;
  }

  get state(): LoopState {
    return this.loopState;
  }

  /** Why the loop failed. */
  get error(): Error | undefined {
    return this.failure;
  }

  /** Milliseconds since the loop last showed that it goes on; a watchdog ends the process when they grow. */
  silentMs(): number {
    return this.loopState === 'failed' || this.loopState === 'stopped' ? 0 : performance.now() - this.lastSign;
  }

  lag(): Record<string, number> {
    return {};
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Finishes the running transaction and releases everything. Never rejects. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.interrupt();
    await this.running;
  }

  /** One ownership: from the fence to an error or to `stopping`. */
  protected abstract session(): Promise<void>;
  /** Wakes a waiting session. */
  protected abstract interrupt(): void;
  /** Releases what outlives a session. */
  protected abstract ended(): Promise<void>;

  protected alive(): void {
    this.lastSign = performance.now();
  }

  /** Between the steps of a start that may take long: a sign of life. @throws when the loop is to stop */
  protected proceed(): void {
    this.alive();
    if (this.stopping) throw new MillraceError('STOPPING', `${this.name} stops`, { retriable: true });
  }

  protected ready(): void {
    this.loopState = 'running';
    this.readySince = performance.now();
    this.alive();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.session();
      } catch (error) {
        if (isFinal(error)) {
          this.failure = error as Error;
          this.loopState = 'failed';
          this.log.error(`${this.name} stopped: ${describe(error)}`);
          return this.release();
        }
        if (!this.stopping) this.log.warn(`${this.name} begins again: ${describe(error)}`);
        this.loopState = 'starting';
        await this.backOff(error);
      }
    }
    await this.release();
    this.loopState = 'stopped';
  }

  /** 50 ms at first, then up to 2 s; a fenced loop waits longer, so that it does not fence its successor in turn. */
  private async backOff(error: unknown): Promise<void> {
    if (this.readySince !== undefined && performance.now() - this.readySince > soundAfterMs) this.failures = 0;
    this.readySince = undefined;
    const fenced = (error as { outcome?: string }).outcome === 'fenced';
    const ms = Math.min(2000, (fenced ? 1000 : 50) * 2 ** Math.min(this.failures++, 6));
    const until = performance.now() + ms;
    while (!this.stopping && performance.now() < until) {
      this.alive();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async release(): Promise<void> {
    try {
      await this.ended();
    } catch (error) {
      this.log.warn(`${this.name} did not release everything: ${describe(error)}`);
    }
  }
}

/** Codes of errors that the same start would meet again. */
const finalCodes = new Set([
  'UNDECODABLE', 'OFFSETS_LOST', 'OFFSET_GAP', 'BELOW_LOG_START', 'BEYOND_LOG_END', 'RECORD_BATCH_CORRUPT', 'WORKSPACE_DIFFERS', 'STATE_INVALID',
  'UNDECLARED_OUTPUT', 'NOT_AN_EVENT', 'INVALID_EVENT', 'RECORD_TOO_LARGE', 'SNAPSHOT_REFUSED', 'JOB_UNKNOWN',
]);

function isFinal(error: unknown): boolean {
  return error instanceof HandlerFailed || (error instanceof MillraceError && finalCodes.has(error.code));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, hint } = error as MillraceError;
  return `${error.message}${code ? ` (${code})` : ''}${hint ? `; ${hint}` : ''}`;
}
