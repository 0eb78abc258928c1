import { MillraceError } from '@millrace/contracts';

/**
 * Numbers of a decider's events, one after another over all of its topics; and which of them the topics may show while nobody else writes.
 *
 * @example
 * numbers.found(7); // false: nobody else; the next event is number 7
 * numbers.use(2); numbers.sent(); numbers.committed();
 * numbers.found(9); // false; 8 throws; 11 is true
 */
export class EventNumbers {
  private upcoming = 0;
  private lastCommitted: number | undefined;
  private lastSent: number | undefined;

  /** Number of the next event. */
  get next(): number {
    return this.upcoming;
  }

  /**
   * Goes on where the topics end.
   *
   * @param next number behind the last event in them
   * @returns whether somebody else has written there
   * @throws MillraceError LOG_BEHIND, retriable: they end before what was committed here. A broker that has lost its peers answers reads
   *   of the past for as long as clients reach it; decisions on them would contradict those that are committed.
   */
  found(next: number): boolean {
    const { lastCommitted = next, lastSent = lastCommitted } = this;
    if (next < lastCommitted)
      throw new MillraceError('LOG_BEHIND', `its topics end before event ${next}, but ${lastCommitted} events are committed`, { retriable: true, hint: 'a broker without its peers answers so; if the topics were cut or made again, start this service again' });
    this.upcoming = this.lastCommitted = this.lastSent = next;
    return next !== lastCommitted && next !== lastSent;
  }

  use(count: number): void {
    this.upcoming += count;
  }

  /** From now on what was used may be committed. */
  sent(): void {
    this.lastSent = this.upcoming;
  }

  committed(): void {
    this.lastCommitted = this.upcoming;
  }
}
