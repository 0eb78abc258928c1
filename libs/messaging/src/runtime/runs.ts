import { classOf } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';

/**
 * Cuts a batch into runs of one event, in order: a topic holds the events of one lifecycle, and each handler takes one kind.
 *
 * @example [...runsOf([started1, started2, aborted1, started3])] // [['rollout-started', [1, 2]], ['rollout-aborted', [1]], ['rollout-started', [3]]]
 */
export function* runsOf(reads: readonly Read[]): Generator<[stem: string, run: readonly Read[]]> {
  for (let from = 0; from < reads.length; ) {
    const { stem } = classOf(reads[from]!.event);
    let to = from + 1;
    while (to < reads.length && classOf(reads[to]!.event).stem === stem) to++;
    yield [stem, reads.slice(from, to)];
    from = to;
  }
}
