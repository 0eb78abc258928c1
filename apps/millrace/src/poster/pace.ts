const dayMs = 86_400_000;

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of the posted world: event time that runs so many times faster than real time, and can be held. */
export class Pace {
  private readonly msPerDay: number;
  private readonly clock: Clock;
  private anchor: { real: number; event: number } | undefined;

  /** @param msPerDay real milliseconds per day of event time; 0 = never wait */
  constructor(msPerDay: number, clock: Clock) {
    this.msPerDay = msPerDay;
    this.clock = clock;
  }

  /** Lets the world stand at `event` now: its first moment, or the end of a hold. */
  setTo(event: number): void {
    this.anchor = { real: this.clock.now(), event };
  }

  /** Resolves when the world has reached `event`, ms since epoch; at once when it is behind. */
  async reach(event: number, signal: AbortSignal): Promise<void> {
    if (!this.anchor) this.setTo(event);
    const { real, event: from } = this.anchor!;
    const waitMs = real + ((event - from) / dayMs) * this.msPerDay - this.clock.now();
    if (waitMs > 0) await this.clock.sleep(waitMs, signal);
  }
}
