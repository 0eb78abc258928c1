/** How bad a network is; all of it can be changed while connections are open. */
export interface LinkConditions {
  /** Each frame comes so much later, in either direction. */
  latencyMs?: number;
  /** And up to so much later still, evenly spread; frames of one connection keep their order. */
  jitterMs?: number;
  /** In each direction of each connection. */
  bytesPerSecond?: number;
  /**
   * What does not come through. With `both` the link is half-open: connections are accepted and nothing happens on them. What was sent
   * meanwhile comes when the link heals, also from a sender that has gone: so does TCP, which sends again what was never confirmed.
   */
  silent?: 'none' | 'requests' | 'answers' | 'both';
  /** New connections are reset at once. */
  refuses?: boolean;
  /** A connection is cut when so many bytes of answers have come through it, also in the middle of an answer. */
  cutAfterBytes?: number;
}

/** The conditions of a proxy as its connections see them: they wake up when something changes. */
export class Weather {
  now: LinkConditions = {};
  private waiting: (() => void)[] = [];

  change(conditions: LinkConditions): void {
    this.now = conditions;
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  isSilent(direction: 'requests' | 'answers'): boolean {
    return this.now.silent === 'both' || this.now.silent === direction;
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
