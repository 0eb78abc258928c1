import type { ConsoleClient, TimelineEntry } from '../client/console-client.ts';

const everyMs = 400;

/** Tells each entry of a model's timeline once, in order, soon after it happened; an entry that is restated is not told again. */
export class TimelineFollower {
  private readonly client: Pick<ConsoleClient, 'timeline'>;
  private readonly model: string;
  private readonly tell: (entry: TimelineEntry) => void;
  private readonly told = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  /** @param isPast entries that are known already and not told */
  constructor(client: Pick<ConsoleClient, 'timeline'>, model: string, isPast: readonly TimelineEntry[], tell: (entry: TimelineEntry) => void) {
    this.client = client;
    this.model = model;
    this.tell = tell;
    for (const entry of isPast) this.told.add(subjectOf(entry));
    this.timer = setInterval(() => void this.look(), everyMs);
  }

  /** Reads once more, then ends. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    await this.look();
  }

  look(): Promise<void> {
    this.looking ??= this.read().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async read(): Promise<void> {
    // A console that restarts has the whole story again a second later.
    const entries = await this.client.timeline(this.model).catch(() => []);
    for (const entry of entries) {
      const subject = subjectOf(entry);
      if (this.told.has(subject)) continue;
      this.told.add(subject);
      this.tell(entry);
    }
  }
}

/** A performance report of a window is restated when late labels come: the window is the subject, not the record. */
function subjectOf({ id, kind, figures }: TimelineEntry): string {
  return kind === 'performance-reported' ? `${kind} ${String(figures['version'])}/${String(figures['role'])}/${String(figures['windowStart'])}` : id;
}
