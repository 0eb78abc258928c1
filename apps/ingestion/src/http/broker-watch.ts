import { MillraceError } from '@millrace/contracts';

/** A write that is older than this shows that the broker is away, ms: acknowledgements take milliseconds. */
const stallMs = 2000;

/** How a write has ended: the broker took it, it did not, or it was not asked. */
export type Ending = 'answered' | 'failed' | 'unasked';

/**
 * Whether the broker takes what one stream is sent, judged by the writes that are under way: a circuit breaker (Nygard, Release It!). While the oldest write
 * has waited for longer than 2 s, or the last one failed, one request at a time goes through to find out, and all others are refused.
 *
 * @example const ended = watch.began(); await write().then(() => ended('answered'), () => ended('failed'));
 */
export class BrokerWatch {
  private readonly clock: () => number;
  /** When each write under way began, oldest first. */
  private readonly underWay = new Set<{ readonly since: number }>();
  private isAway = false;

  /** @param clock monotonic, ms */
  constructor(clock: () => number = () => performance.now()) {
    this.clock = clock;
  }

  /** A write begins; the function that is returned says that it has ended, and how. */
  began(): (ending: Ending) => void {
    const write = { since: this.clock() };
    this.underWay.add(write);
    return (ending) => {
      this.underWay.delete(write);
      if (ending !== 'unasked') this.isAway = ending === 'failed';
    };
  }

  /** Why nothing can be written now; undefined if it can. */
  refusal(): MillraceError | undefined {
    const [oldest] = this.underWay;
    const isStalled = oldest !== undefined && this.clock() - oldest.since > stallMs;
    if (!isStalled && !(this.isAway && oldest !== undefined)) return undefined;
    return new MillraceError('BROKER_AWAY', 'the broker does not answer at present', { retriable: true, hint: 'send it again after the seconds of Retry-After, with the same ids' });
  }
}
