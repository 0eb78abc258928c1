import { MillraceError } from '@millrace/contracts';

import { admit, type Admitted } from './admission.ts';
import { ScoringChild, type Provider } from './scoring-child.ts';
import { GOLDEN_TOLERANCE } from './signature.ts';

export interface ScoringOptions {
  /** Folder of the bundle. */
  readonly bundle: string;
  /** Features per row. */
  readonly features: number;
  /** A call that takes longer kills the child. */
  readonly deadlineMs: number;
  /** How long calls wait for a lost child to be replaced, from its loss on. Default 10,000. */
  readonly replacementMs?: number;
  /** For check, load and golden answers together. Default 9,000. */
  readonly startDeadlineMs?: number;
  /** V8 heap and resident memory of the child. Default 512. */
  readonly memoryLimitMb?: number;
  /** Default 1. */
  readonly intraOpThreads?: number;
  /** In order of preference. Default cuda, cpu. */
  readonly providers?: readonly Provider[];
  /** Default 64 MiB. */
  readonly maxModelBytes?: number;
  /** Arguments of node that start a child which speaks in frames. Default: the worker of this library. */
  readonly program?: readonly string[];
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * One model behind a child process: a model that hangs, crashes or eats memory ends its child, never the caller.
 *
 * A lost child is replaced at once, then after pauses of 100 ms doubling to 5 s, until a call is answered again. Calls run one after
 * the other; one that comes while the child is replaced waits for it. The child ends with its parent.
 *
 * @example
 * const scoring = await ScoringProcess.start({ bundle: '/var/lib/millrace/bundles/ab…', features: 15, deadlineMs: 1_000 });
 * const scores = await scoring.score(rows, rows.length / 15); // NaN: the model's answer is no finite number
 * await scoring.close();
 */
export class ScoringProcess {
  /** The provider that answered the golden rows. */
  readonly provider: Provider;
  private readonly options: ScoringOptions;
  /** SHA-256 of the model file that was admitted first; a child is never given another one. */
  private readonly sha256: string;
  private child: ScoringChild;
  private replacing: Promise<void> | undefined;
  /** When the present child was lost, monotonic; until it is replaced. */
  private lostAt: number | undefined;
  private failures = 0;
  private replaced = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  private constructor(options: ScoringOptions, sha256: string, child: ScoringChild, provider: Provider) {
    this.options = options;
    this.sha256 = sha256;
    this.provider = provider;
    this.child = child;
    this.watch(child);
  }

  /**
   * Admits the bundle, has a child check and load its model, and compares its golden answers.
   *
   * @throws MillraceError BUNDLE_NOT_ADMITTED, MODEL_REFUSED, MODEL_LOAD_FAILED, GOLDEN_MISMATCH; SCORING_TIMEOUT, SCORING_CRASHED,
   *   SCORING_FAILED when the golden rows are not answered; SCORING_ENDED (somebody else has ended the process), SCORING_UNAVAILABLE (retriable)
   */
  static async start(options: ScoringOptions): Promise<ScoringProcess> {
    const admitted = await admit(options.bundle, options.features, maxModelBytes(options));
    const { child, provider } = await startChecked(options, admitted);
    return new ScoringProcess(options, admitted.model.sha256, child, provider);
  }

  /** How often the child was replaced. */
  get restarts(): number {
    return this.replaced;
  }

  /** Process id of the present child. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Scores `n` rows.
   *
   * @param rows row-major, `n * features`, NaN = missing; must not change until the answer is there
   * @returns a score per row; NaN where the model's score is not finite
   * @throws MillraceError SCORING_TIMEOUT or SCORING_CRASHED (retriable, the child is being replaced), SCORING_FAILED (the model refused
   *   the batch), SCORING_UNAVAILABLE (the child was not replaced in time), SCORING_CLOSED
   */
  score(rows: Float32Array, n: number): Promise<Float32Array> {
    if (!Number.isSafeInteger(n) || n < 0 || rows.length !== n * this.options.features) {
      return Promise.reject(new MillraceError('SCORING_INVALID', `${rows.length} values are not ${n} rows of ${this.options.features} features`));
    }
    if (n === 0) return Promise.resolve(new Float32Array(0));
    const call = this.tail.then(() => this.call(rows));
    this.tail = call.catch(() => undefined);
    return call;
  }

  /** Ends the child. Calls under way are rejected. */
  async close(): Promise<void> {
    this.closing.abort();
    this.child.kill('the scoring process was closed');
    await this.replacing?.catch(() => undefined);
    await this.child.gone;
  }

  private async call(rows: Float32Array): Promise<Float32Array> {
    await this.present();
    if (this.closing.signal.aborted) throw new MillraceError('SCORING_CLOSED', 'the scoring process was closed');
    const scores = await this.child.score(rows, this.options.deadlineMs);
    this.failures = 0;
    for (let n = 0; n < scores.length; n += 1) if (!Number.isFinite(scores[n])) scores[n] = NaN;
    return scores;
  }

  /** Waits until there is a child that is not lost. Throws what keeps it from starting. */
  private async present(): Promise<void> {
    if (!this.isLost()) return;
    const { replacementMs = 10_000 } = this.options;
    this.lostAt ??= performance.now();
    let timer: NodeJS.Timeout | undefined;
    // From the loss on, and not from the call: calls that waited for their turn behind others have not waited for a child.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MillraceError('SCORING_UNAVAILABLE', `the scoring process was not replaced within ${replacementMs} ms`, { retriable: true })), Math.max(0, this.lostAt! + replacementMs - performance.now()));
    });
    try {
      await Promise.race([this.replacement(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async replacement(): Promise<void> {
    while (this.isLost()) {
      await this.child.gone;
      await this.replacing;
    }
  }

  private isLost(): boolean {
    return !this.closing.signal.aborted && (this.child.lost || this.replacing !== undefined);
  }

  private watch(child: ScoringChild): void {
    void child.gone.then((why) => {
      if (!this.closing.signal.aborted) this.replace(why);
    });
  }

  private replace(why: string): void {
    this.lostAt ??= performance.now();
    const pauseMs = this.failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.failures += 1;
    const attempt = this.restartAfter(pauseMs);
    this.replacing = attempt;
    attempt.then(
      () => {
        this.replacing = undefined;
        this.lostAt = undefined;
        this.watch(this.child);
      },
      () => {
        if (!this.closing.signal.aborted) this.replace(why);
      },
    );
  }

  private async restartAfter(pauseMs: number): Promise<void> {
    await pause(pauseMs, this.closing.signal);
    if (this.closing.signal.aborted) throw new MillraceError('SCORING_CLOSED', 'the scoring process was closed');
    const admitted = await admit(this.options.bundle, this.options.features, maxModelBytes(this.options));
    if (admitted.model.sha256 !== this.sha256) throw new MillraceError('BUNDLE_NOT_ADMITTED', 'model.onnx is not the file that was admitted first', { hint: 'bundles never change; restore it' });
    const { child } = await startChecked(this.options, admitted, this.closing.signal);
    this.child = child;
    this.replaced += 1;
  }
}

function maxModelBytes(options: ScoringOptions): number {
  return options.maxModelBytes ?? 64 * 2 ** 20;
}

async function startChecked(options: ScoringOptions, { model, signature }: Admitted, closing?: AbortSignal): Promise<{ child: ScoringChild; provider: Provider }> {
  const startDeadlineMs = options.startDeadlineMs ?? 9_000;
  const begun = performance.now();
  const { child, provider } = await ScoringChild.start({
    model: model.bytes,
    features: options.features,
    providers: options.providers ?? ['cuda', 'cpu'],
    intraOpThreads: options.intraOpThreads ?? 1,
    memoryLimitMb: options.memoryLimitMb ?? 512,
    startDeadlineMs,
    program: options.program,
    ...(closing && { closing }),
  });
  try {
    const { rows, scores } = signature.golden;
    const answers = await child.score(Float32Array.from(rows.flat(), (value) => value ?? NaN), Math.max(1, startDeadlineMs - (performance.now() - begun)));
    scores.forEach((expected, row) => {
      const answered = answers[row] ?? NaN;
      if (Math.abs(answered - expected) <= GOLDEN_TOLERANCE) return;
      throw new MillraceError('GOLDEN_MISMATCH', `golden row ${row} scores ${answered} on ${provider}, ${expected} is right`, {
        hint: 'the model file is not the one that was evaluated, or this machine computes differently',
      });
    });
    return { child, provider };
  } catch (error) {
    child.kill('its golden answers are wrong');
    await child.gone;
    throw child.endedFromOutside ?? error;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
