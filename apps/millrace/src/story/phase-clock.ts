/** Wall time by phase, seconds; phases that another process has timed come by the environment. */
export class PhaseClock {
  private readonly phases: Record<string, number>;
  private readonly now: () => number;

  /** @param before JSON object of seconds by phase; anything else counts as nothing */
  constructor(now: () => number, before = '') {
    this.now = now;
    this.phases = { ...parsed(before) };
  }

  get seconds(): Readonly<Record<string, number>> {
    return this.phases;
  }

  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const started = this.now();
    try {
      return await work();
    } finally {
      this.add(phase, (this.now() - started) / 1000);
    }
  }

  add(phase: string, seconds: number): void {
    this.phases[phase] = Math.round(((this.phases[phase] ?? 0) + seconds) * 100) / 100;
  }
}

function parsed(text: string): Record<string, number> {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  } catch {
    return {};
  }
}
