import type { Read } from '../handlers/read.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import type { CommittedOffset, TransactionalWriter } from '../kafka/transactional-writer.ts';
import { behind, newestNote, newestOf, noteOf, offsetsLost } from './committed.ts';
import { sequenceOf, type DeciderSpec } from './decider-spec.ts';
import { rangesOf } from './last-records.ts';
import type { LoopLog } from './loop-log.ts';
import { progressOf, type Progress } from './progress.ts';

/**
 * Committed beside each offset: what has no note was committed by a person. How many events the decider has said by then is its era: those
 * before are known to be older, also where a person has gone back since.
 */
export const decidersNote = (events: number): string => noteOf({ transaction: undefined, mark: undefined, era: events + 1 });

/** Before its own events are read: all of them must be to be seen. @throws MillraceError TRANSACTION_HANGING, retriable */
export async function refuseHanging(spec: DeciderSpec, cluster: KafkaCluster): Promise<void> {
  const admin = new TopicAdmin(cluster);
  try {
    await rangesOf(spec.own, admin);
  } finally {
    await admin.close();
  }
}

/**
 * Offsets of a decider's inputs by real name and partition, -1 where none: what the broker answers, or what an own event says where it is ahead.
 * @throws MillraceError OFFSETS_LOST
 */
export async function committedOf(spec: DeciderSpec, writer: TransactionalWriter, own: readonly Read[], log: LoopLog): Promise<ReadonlyMap<string, CommittedOffset>> {
  const answered = await writer.committed(spec.inputs.map((input) => ({ topic: input.name, partition: input.partition })));
  const offsets = newestOf(answered, lastSaid(own, answered));
  if (offsets !== answered) log.warn(`${writer.id}: ${behind(answered, offsets)}`);
  if (offsets.size > 0 && own.length > 0 && [...offsets.values()].every(({ offset }) => offset < 0)) throw offsetsLost(writer.id, `its topics hold ${own.length} events`);
  return offsets;
}

/** What the last events say of each input: one carries only those offsets that moved with it. */
function lastSaid(own: readonly Read[], answered: Progress): Progress[] {
  const last = new Map<string, { readonly offset: number; readonly order: number }>();
  // Earlier versions noted no era: beside such an offset the farthest event counts.
  const hasNoEra = new Map([...answered].map(([place, { offset, metadata }]) => [place, offset >= 0 && newestNote([metadata]).era === undefined]));
  for (const [index, event] of own.entries())
    for (const [place, { offset }] of progressOf(event.headers) ?? []) {
      const order = hasNoEra.get(place) ? offset : (sequenceOf(event) ?? index);
      if (order >= (last.get(place)?.order ?? -1)) last.set(place, { offset, order });
    }
  return [...last].map(([place, { offset, order }]) => new Map([[place, { offset, metadata: hasNoEra.get(place) ? undefined : decidersNote(order) }]]));
}
