import { MillraceError } from '@millrace/contracts';
import type { FetchedBatch } from '../kafka/partition-reader.ts';

/** How long a log may seem to end too early. After a change of its leader it does until the replicas in sync have followed, or for as long as one may lag: `replica.lag.time.max.ms`, 30 s. */
const graceMs = 40_000;

/** Recognises a log that ends before an offset that was committed, or that its leader has told: waiting for the rest would last for ever. */
export class CutShort {
  private readonly isCommitted: boolean;
  private readonly since = new Map<string, number>();

  /** @param isCommitted false for ends that a leader has told: a new reader may find another leader */
  constructor(isCommitted = true) {
    this.isCommitted = isCommitted;
  }

  /** @throws MillraceError when `batch` has ended before `end` for 40 s: BEYOND_LOG_END; of an end that is not committed LOG_BEHIND, retriable */
  check(batch: Pick<FetchedBatch, 'topic' | 'partition' | 'next' | 'atEnd'>, end: number): void {
    const place = `${batch.topic}/${batch.partition}`;
    if (!batch.atEnd || batch.next >= end) return void this.since.delete(place);
    const since = this.since.get(place) ?? performance.now();
    this.since.set(place, since);
    if (performance.now() - since < graceMs) return;
    if (!this.isCommitted) throw new MillraceError('LOG_BEHIND', `${place} ends at offset ${batch.next} for a reader, but at ${end} for its leader`, { retriable: true, hint: 'a broker without its peers answers so' });
    throw new MillraceError('BEYOND_LOG_END', `${place} ends at offset ${batch.next}, but ${end} was committed`, { hint: 'the log was cut short: restore it; see docs/runbooks/offsets-lost.md' });
  }
}
