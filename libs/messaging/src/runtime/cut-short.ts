import { MillraceError } from '@millrace/contracts';
import type { FetchedBatch } from '../kafka/partition-reader.ts';

/** How long a log may seem to end too early: right after a change of its leader it does for a moment. */
const graceMs = 10_000;

/** Recognises a log that ends before an offset that was committed: waiting for the rest would last for ever. */
export class CutShort {
  private readonly since = new Map<string, number>();

  /** @throws MillraceError BEYOND_LOG_END when `batch` has ended before `end` for 10 s */
  check(batch: Pick<FetchedBatch, 'topic' | 'partition' | 'next' | 'atEnd'>, end: number): void {
    const place = `${batch.topic}/${batch.partition}`;
    if (!batch.atEnd || batch.next >= end) return void this.since.delete(place);
    const since = this.since.get(place) ?? performance.now();
    this.since.set(place, since);
    if (performance.now() - since < graceMs) return;
    throw new MillraceError('BEYOND_LOG_END', `${place} ends at offset ${batch.next}, but ${end} was committed`, { hint: 'the log was cut short: restore it; see docs/runbooks/offsets-lost.md' });
  }
}
