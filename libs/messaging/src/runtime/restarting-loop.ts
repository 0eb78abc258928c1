import { MillraceError } from '@millrace/contracts';
import { HandlerFailed } from './stream-batch.ts';
import type { LoopLog } from './loop-log.ts';

export type LoopState = 'starting' | 'running' | 'stopped' | 'failed';

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

  /** Finishes the running transaction and releases everything. */
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

  protected ready(): void {
    this.loopState = 'running';
    this.failures = 0;
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
          await this.ended().catch(() => undefined);
          return;
        }
        if (!this.stopping) this.log.warn(`${this.name} begins again: ${describe(error)}`);
        this.loopState = 'starting';
        this.alive();
        // 50 ms at first, then up to 2 s: a fenced loop must not fence its successor in turn.
        const fenced = (error as { outcome?: string }).outcome === 'fenced';
        await this.wait(Math.min(2000, (fenced ? 1000 : 50) * 2 ** Math.min(this.failures++, 5)));
      }
    }
    this.loopState = 'stopped';
    await this.ended();
  }

  private async wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.stopping && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, Math.min(50, ms)));
  }
}

const finalCodes = new Set(['UNDECODABLE', 'OFFSETS_LOST', 'OFFSET_GAP', 'BELOW_LOG_START', 'BEYOND_LOG_END', 'RECORD_BATCH_CORRUPT', 'WORKSPACE_DIFFERS', 'STATE_INVALID', 'UNDECLARED_OUTPUT', 'NOT_AN_EVENT', 'INVALID_EVENT', 'SNAPSHOT_REFUSED']);

function isFinal(error: unknown): boolean {
  return error instanceof HandlerFailed || (error instanceof MillraceError && finalCodes.has(error.code));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, hint } = error as MillraceError;
  return `${error.message}${code ? ` (${code})` : ''}${hint ? `; ${hint}` : ''}`;
}
