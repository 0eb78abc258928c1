import { MillraceError } from '@millrace/contracts';
import { isFenced } from '../kafka/kafka-error.ts';
import { undisputed, type Claim } from './claim.ts';
import { HandlerFailed } from './handler-failed.ts';
import type { LoopLog } from './loop-log.ts';

export type LoopState = 'starting' | 'running' | 'stopped' | 'failed';

/** A session that lasted so long was sound: the next failure waits no longer than a first one. */
const soundAfterMs = 10_000;
/** How long a loop that was replaced waits for its membership to say that it owns all the same; then the membership is in trouble itself. */
const confirmedWithinMs = 30_000;
/** So often within that time another owner must have been at work before a loop that should be the only one stands back. */
const otherOwner = { times: 3, withinMs: 120_000 };

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
  private readonly claim: Claim;
  private othersSeen: number[] = [];

  constructor(name: string, log: LoopLog, claim: Claim = undisputed) {
    this.name = name;
    this.log = log;
    this.claim = claim;
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

  /**
   * Somebody else has moved on what this loop owns since its last session. Under `static` sharing that is an error of operation: two
   * instances would replace each other for ever.
   * @throws MillraceError OWNED_TWICE, final, when it happens again and again
   */
  protected otherOwnerSeen(): void {
    const now = performance.now();
    this.othersSeen = [...this.othersSeen.filter((at) => now - at < otherOwner.withinMs), now];
    if (!this.claim.sole || this.othersSeen.length < otherOwner.times) return;
    throw new MillraceError('OWNED_TWICE', `another process runs ${this.name} too: ${this.othersSeen.length} times within ${Math.ceil((now - this.othersSeen[0]!) / 1000)} s it has gone on with it; this one stands back`, {
      hint: 'end one of the two and start this one again, or set MILLRACE_SHARING=group for both',
    });
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

  /** 50 ms at first, then up to 2 s; one that was replaced waits longer and for its claim, so that it does not replace its successor in turn. */
  private async backOff(error: unknown): Promise<void> {
    const failedAt = performance.now();
    if (this.readySince !== undefined && failedAt - this.readySince > soundAfterMs) this.failures = 0;
    this.readySince = undefined;
    const replaced = wasReplaced(error);
    const until = failedAt + Math.min(2000, (replaced ? 1000 : 50) * 2 ** Math.min(this.failures++, 6));
    const confirmed = (now: number): boolean => !replaced || this.claim.confirmedSince(failedAt) || now - failedAt > confirmedWithinMs;
    for (let now = failedAt; !this.stopping && (now < until || !confirmed(now)); now = performance.now()) {
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
  'UNDECODABLE', 'OFFSETS_LOST', 'OFFSET_GAP', 'BELOW_LOG_START', 'BEYOND_LOG_END', 'RECORD_BATCH_CORRUPT', 'COMPRESSED_BATCH_TOO_LARGE', 'COMPRESSION_UNSUPPORTED', 'WORKSPACE_DIFFERS', 'STATE_INVALID',
  'UNDECLARED_OUTPUT', 'NOT_AN_EVENT', 'INVALID_EVENT', 'RECORD_TOO_LARGE', 'SNAPSHOT_REFUSED', 'JOB_UNKNOWN', 'OWNED_TWICE',
]);

function isFinal(error: unknown): boolean {
  return error instanceof HandlerFailed || (error instanceof MillraceError && finalCodes.has(error.code));
}

/** Whether another instance has moved the position of a store. */
export function wasMovedElsewhere(error: unknown): boolean {
  return error instanceof MillraceError && (error.code === 'POSITION_MOVED' || error.code === 'ARCHIVE_FENCED');
}

/** Whether a successor was at work: the writer was fenced, or a store has been moved on. */
function wasReplaced(error: unknown): boolean {
  return (error as { outcome?: string }).outcome === 'fenced' || isFenced(error) || wasMovedElsewhere(error);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, hint } = error as MillraceError;
  return `${error.message}${code ? ` (${code})` : ''}${hint ? `; ${hint}` : ''}`;
}
