import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { ScoringProcess, type Signature } from '@millrace/scoring';
import { Shared } from '@millrace/service';
import { Losses } from '../domain/losses.ts';
import { failing } from '../domain/score-rows.ts';
import { Scorers, type Loading, type Scorer } from '../domain/scorers.ts';
import { InferenceOptions } from '../inference.config.ts';

const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** A model that cannot be started again must not stop the slot. */
const replacementMs = 10_000;

interface Entry {
  readonly digest: string;
  /** Ends the loading. */
  readonly dropped: AbortController;
  readonly losses: Losses;
  loading: Loading;
  process?: ScoringProcess;
  idle?: NodeJS.Timeout;
}

/** What `GET /routes` says of a model process. */
export interface ScorerStanding {
  readonly bundle: string;
  readonly state: Loading['state'];
  readonly provider: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  /** Whether it lost its process too often, and has answered nothing since. */
  readonly failing: boolean;
  /** Milliseconds for which a failing one is still left alone; then it is tried. */
  readonly restsMs: number;
  readonly reason: string | null;
}

/** One scoring process per bundle, shared by the slots of all models. */
@Injectable()
export class ScorerPool extends Scorers implements OnApplicationShutdown {
  private readonly shared: Shared;
  private readonly options: InferenceOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly needs = new Map<object, readonly string[]>();
  private waiting: (() => void)[] = [];

  constructor(shared: Shared, options: InferenceOptions) {
    super();
    this.shared = shared;
    this.options = options;
  }

  keep(holder: object, digests: readonly string[]): void {
    if (digests.length > 0) this.needs.set(holder, digests);
    else this.needs.delete(holder);
    const needed = new Set([...this.needs.values()].flat());
    for (const digest of needed) if (!this.entries.has(digest)) this.begin(digest);
    for (const entry of this.entries.values()) {
      if (needed.has(entry.digest)) {
        clearTimeout(entry.idle);
        delete entry.idle;
      } else entry.idle ??= setTimeout(() => void this.drop(entry), this.options.idleMs).unref();
    }
  }

  loading(digest: string): Loading {
    return this.entries.get(digest)?.loading ?? { state: 'loading' };
  }

  failing(digest: string): { readonly code: string; readonly reason: string } | undefined {
    return this.entries.get(digest)?.losses.failing ? failing : undefined;
  }

  async ready(digests: readonly string[], limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!digests.every((digest) => this.loading(digest).state === 'ready')) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return true;
  }

  standing(): ScorerStanding[] {
    return [...this.entries.values()].map(({ digest, loading, process, losses }) => ({
      bundle: digest,
      state: loading.state,
      provider: loading.state === 'ready' ? loading.scorer.provider : null,
      pid: process?.pid ?? null,
      restarts: process?.restarts ?? 0,
      failing: losses.failing,
      restsMs: Math.round(losses.restsMs),
      reason: loading.state === 'failed' ? `${loading.reason} (${loading.code})` : null,
    }));
  }

  /** After the loops have ended. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.entries.values()].map((entry) => this.drop(entry)));
  }

  private begin(digest: string): void {
    const entry: Entry = { digest, dropped: new AbortController(), losses: new Losses(() => performance.now()), loading: { state: 'loading' } };
    this.entries.set(digest, entry);
    void this.load(entry);
  }

  private async drop(entry: Entry): Promise<void> {
    clearTimeout(entry.idle);
    this.entries.delete(entry.digest);
    entry.dropped.abort();
    await entry.process?.close();
  }

  /** Tries until the bundle is loaded or nobody needs it. */
  private async load(entry: Entry): Promise<void> {
    const { digest, dropped } = entry;
    const { log } = this.shared;
    const begun = performance.now();
    for (let pauseMs = firstPauseMs; !dropped.signal.aborted; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      try {
        const scorer = await this.start(entry);
        log.info(`bundle ${digest.slice(0, 12)} loaded on ${scorer.provider} in ${Math.round(performance.now() - begun)} ms`);
        return this.settle(entry, { state: 'ready', scorer });
      } catch (error) {
        if (dropped.signal.aborted) return;
        const { code = 'MODEL_LOAD_FAILED', message, retriable = false } = error as Partial<MillraceError> & Error;
        if (!retriable || performance.now() - begun >= this.options.patienceMs) {
          log.warn(`bundle ${digest.slice(0, 12)} cannot be loaded: ${message} (${code})`);
          this.settle(entry, { state: 'failed', code, reason: message });
        } else pauseMs = firstPauseMs;
        await pause(pauseMs, undefined, { signal: dropped.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  private settle(entry: Entry, loading: Loading): void {
    entry.loading = loading;
    for (const wake of this.waiting.splice(0)) wake();
  }

  private async start(entry: Entry): Promise<Scorer> {
    const { deadlineMs, memoryMb } = this.options;
    const bundle = await this.shared.bundles.open(entry.digest);
    // Its shape is checked when the process admits the bundle.
    const signature = (await bundle.json('signature.json')) as Partial<Signature> | null;
    const features = signature?.features?.length ?? 0;
    const process = await ScoringProcess.start({ bundle: bundle.path, features, deadlineMs, replacementMs, memoryLimitMb: memoryMb });
    if (entry.dropped.signal.aborted) {
      await process.close();
      throw new MillraceError('SCORING_CLOSED', 'the bundle is not needed any more');
    }
    entry.process = process;
    return { featureSet: signature!.featureSet!, features, provider: process.provider, losses: entry.losses, score: (rows, n) => process.score(rows, n) };
  }
}
