import { randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import type { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { InputTopic } from './decoding.ts';
import type { StreamSpec } from './stream-spec.ts';

/** What is committed: offsets by topic, and what stands beside them. */
export interface Committed {
  /** Where a topic without a committed offset begins is where its log does. */
  readonly positions: Map<string, number>;
  /** Topics without a committed offset: nothing of them was ever handled. */
  readonly fresh: ReadonlySet<string>;
  /** The state's own number. */
  readonly mark: number | undefined;
  /** Which transaction was the last; undefined before the first. */
  readonly transaction: string | undefined;
}

type Note = Pick<Committed, 'transaction' | 'mark'>;

/** Text that is committed beside each offset: tells the transaction, also where it moved no offset. */
export function noteOf({ transaction, mark }: Note): string {
  return JSON.stringify({ transaction, mark });
}

/**
 * The newest of the notes beside the offsets of a loop: an input that left and came back carries an older one. A plain number is a
 * mark alone, as a person writes it who restores lost offsets.
 */
export function newestNote(texts: readonly (string | undefined)[]): Note {
  const notes = texts.filter(Boolean).map((text): Note => {
    const note = JSON.parse(text!) as number | Partial<Note>;
    return typeof note === 'number' ? { transaction: undefined, mark: note } : { transaction: note.transaction, mark: note.mark };
  });
  const later = (a: Note, b: Note): number => numberOf(b.transaction) - numberOf(a.transaction) || (b.mark ?? -Infinity) - (a.mark ?? -Infinity);
  return notes.sort(later)[0] ?? { transaction: undefined, mark: undefined };
}

/** A name for the transaction after `last`, unlike that of any other instance: `<number>-<8 random hex digits>`. */
export function transactionAfter(last: string | undefined): string {
  return `${numberOf(last) + 1}-${randomBytes(4).toString('hex')}`;
}

const numberOf = (transaction: string | undefined): number => (transaction === undefined ? 0 : Number.parseInt(transaction, 10));

/** What is committed, read after fencing: the only truth. @throws MillraceError OFFSETS_LOST */
export async function readCommitted(writer: TransactionalWriter, spec: StreamSpec, cluster: KafkaCluster): Promise<Committed> {
  const offsets = await writer.committed(spec.inputs.map((input) => ({ topic: input.name, partition: input.partition })));
  const positions = new Map<string, number>();
  const fresh = new Set<string>();
  const admin = new TopicAdmin(cluster);
  try {
    if ([...offsets.values()].every((committed) => committed.offset < 0)) await refuseLostOffsets(spec, cluster, admin);
    for (const input of spec.inputs) {
      const committed = offsets.get(`${input.name}/${input.partition}`)!;
      if (committed.offset < 0) fresh.add(input.topic);
      positions.set(input.topic, committed.offset < 0 ? (await admin.offsets(input.name, input.partition)).low : committed.offset);
    }
  } finally {
    await admin.close();
  }
  return { positions, fresh, ...newestNote([...offsets.values()].map(({ metadata }) => metadata)) };
}

async function refuseLostOffsets(spec: StreamSpec, cluster: KafkaCluster, admin: TopicAdmin): Promise<void> {
  for (const output of spec.owned) {
    const { low, high } = await admin.offsets(output.name, output.partition);
    if (high > low && (await holdsRecords(output, low, cluster)))
      throw new MillraceError('OFFSETS_LOST', `${spec.service} has no committed offset, but ${output.name}/${output.partition} holds records of it`, { hint: 'never start it from the beginning; see docs/runbooks/offsets-lost.md' });
  }
}

/** Records of aborted transactions do not count: a first transaction may have been cut off. */
async function holdsRecords({ name, partition }: InputTopic, from: number, cluster: KafkaCluster): Promise<boolean> {
  const reader = await PartitionReader.open(cluster, [{ topic: name, partition, offset: from, sparse: true }]);
  try {
    for (;;) {
      for (const { records, atEnd } of await reader.poll({ maxWaitMs: 100 })) {
        if (records.length > 0) return true;
        if (atEnd) return false;
      }
    }
  } finally {
    await reader.close();
  }
}
