import type { Standing } from './quiet.ts';
import { untilQuiet } from './quiet.ts';

export interface HoldReporter {
  /** What a hold waits for; undefined when none does. */
  waits(what: string | undefined): void;
  warn(text: string): void;
}

const longestMs = 120_000;

/** Time spent in holds, and the hold itself: at a midnight the world stands still until the platform is quiet. */
export class Hold {
  private readonly look: () => Promise<Standing>;
  private readonly reporter: HoldReporter;
  private spentMs = 0;

  constructor(look: () => Promise<Standing>, reporter: HoldReporter) {
    this.look = look;
    this.reporter = reporter;
  }

  get seconds(): number {
    return this.spentMs / 1000;
  }

  readonly atMidnight = async (_: number, signal: AbortSignal): Promise<void> => {
    const started = performance.now();
    const left = await untilQuiet({ look: this.look, onWait: (what) => this.reporter.waits(what), signal, withinMs: longestMs });
    if (left !== undefined) this.reporter.warn(`went on after ${Math.round((performance.now() - started) / 1000)} s, although ${left}`);
    this.reporter.waits(undefined);
    this.spentMs += performance.now() - started;
  };
}
