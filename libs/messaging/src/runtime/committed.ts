import { randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { partitionKey, type CommittedOffset, type TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { InputTopic } from './decoding.ts';
import { lastRecords, sharedProgress } from './last-records.ts';
import type { LoopLog } from './loop-log.ts';
import { progressOf, type Progress } from './progress.ts';
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
  /** One more each time that a person has set offsets: what was said before is older, whatever its offsets. Left out: 0. */
  readonly era?: number | undefined;
}

type Note = Pick<Committed, 'transaction' | 'mark' | 'era'>;

/** Text that is committed beside each offset: tells the transaction, also where it moved no offset. */
export function noteOf({ transaction, mark, era }: Note): string {
  return JSON.stringify({ transaction, mark, era });
}

const parts: ReadonlySet<string> = new Set<keyof Note>(['transaction', 'mark', 'era']);

/** The note of a loop; undefined for what a person has written. */
function loopsNote(text: string | undefined): Note | undefined {
  if (!text?.startsWith('{')) return undefined;
  try {
    const note = JSON.parse(text) as Note;
    return Object.keys(note).every((part) => parts.has(part)) ? note : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The newest of the notes beside the offsets of a loop: an input that left and came back carries an older one. A plain number is a
 * mark alone, as a person writes it who restores lost offsets; any other words of a person say nothing.
 */
export function newestNote(texts: readonly (string | undefined)[]): Note {
  const notes = texts.flatMap((text): Note[] => {
    const note = loopsNote(text) ?? (text && /^\d+$/.test(text) ? { transaction: undefined, mark: Number(text) } : undefined);
    return note ? [note] : [];
  });
  const later = (a: Note, b: Note): number => (b.era ?? 0) - (a.era ?? 0) || numberOf(b.transaction) - numberOf(a.transaction) || (b.mark ?? -Infinity) - (a.mark ?? -Infinity);
  return notes.sort(later)[0] ?? { transaction: undefined, mark: undefined };
}

/** A name for the transaction after `last`, unlike that of any other instance: `<number>-<8 random hex digits>`. */
export function transactionAfter(last: string | undefined): string {
  return `${numberOf(last) + 1}-${randomBytes(4).toString('hex')}`;
}

/** Whether something was committed after `then`. */
export function isAhead(now: Committed, then: Committed): boolean {
  return numberOf(now.transaction) > numberOf(then.transaction) || [...now.positions].some(([topic, offset]) => offset > (then.positions.get(topic) ?? offset));
}

const numberOf = (transaction: string | undefined): number => (transaction === undefined ? 0 : Number.parseInt(transaction, 10));

/**
 * What is committed, read after fencing: what the broker answers, or what the loop's outputs say where they are ahead of it.
 * @param proceed called between two fetches; what it throws ends the reading
 * @throws MillraceError OFFSETS_LOST; TRANSACTION_HANGING, retriable
 */
export async function readCommitted(writer: TransactionalWriter, spec: StreamSpec, cluster: KafkaCluster, log: LoopLog, proceed: () => void): Promise<Committed> {
  const answered = await writer.committed(spec.inputs.map((input) => ({ topic: input.name, partition: input.partition })));
  const positions = new Map<string, number>();
  const fresh = new Set<string>();
  const admin = new TopicAdmin(cluster);
  try {
    const last = await lastRecords(spec.owned(), cluster, admin, proceed);
    const shown = [...last.flatMap(({ headers }) => progressOf(headers) ?? []), ...(await sharedProgress(spec.shared, cluster, admin, proceed))];
    const offsets = newestOf(answered, shown);
    if (offsets !== answered) log.warn(`${writer.id}: ${behind(answered, offsets)}`);
    if (last.length > 0 && [...offsets.values()].every(({ offset }) => offset < 0)) throw offsetsLost(spec.service, `its outputs hold records, for example ${last[0]!.topic}/${last[0]!.partition}`);
    for (const input of spec.inputs) {
      const { offset } = offsets.get(partitionKey({ topic: input.name, partition: input.partition }))!;
      positions.set(input.topic, offset);
      if (offset >= 0) continue;
      fresh.add(input.topic);
      const { low } = await admin.offsets(input.name, input.partition);
      positions.set(input.topic, low);
      if (low > 0 && input.stream !== undefined) log.warn(`${writer.id}: ${beginsLate(input, low)}`);
    }
    const note = newest(offsets);
    const isSet = [...answered.values()].some(isOfPerson);
    return { positions, fresh, ...note, era: isSet ? eraAfter(note, answered, shown) : note.era };
  } finally {
    await admin.close();
  }
}

/** What others post may have been deleted before it was read; a topic of the platform that is new to a loop may as well begin anywhere. */
function beginsLate({ name, partition }: InputTopic, low: number): string {
  return `${name}/${partition} begins at offset ${low}, and nothing of it was ever committed: events that were posted before since its stream was declared have no outcome; see docs/runbooks/offsets-lost.md`;
}

/** So that whatever is committed from now on is newer than what outputs say of the time before a person has set offsets. */
function eraAfter({ era = 0 }: Note, inputs: Progress, shown: readonly Progress[]): number {
  const mine = shown.filter((progress) => [...progress.keys()].some((place) => inputs.has(place)));
  return 1 + mine.reduce((most, progress) => Math.max(most, newest(progress).era ?? 0), era);
}

export function offsetsLost(who: string, what: string): MillraceError {
  return new MillraceError('OFFSETS_LOST', `${who} has no committed offset, but ${what}`, { hint: 'never start it from the beginning; see docs/runbooks/offsets-lost.md' });
}

/** Says that a broker has answered offsets that lie behind those of the outputs. */
export function behind(answered: ReadonlyMap<string, CommittedOffset>, known: ReadonlyMap<string, CommittedOffset>): string {
  const places = [...known].filter(([place, { offset }]) => offset !== answered.get(place)!.offset).map(([place, { offset }]) => `${place} ${answered.get(place)!.offset} instead of ${offset}`);
  return `the broker answers committed offsets that lie behind the outputs made from them (${places.join(', ') || 'notes only'}); the outputs count; see docs/runbooks/offsets-lost.md`;
}

/**
 * The newest of what a broker answers and of what transactions said. A later era is newer. Within one, offsets only grow: whoever is ahead at
 * one input and behind at none is newer, at equal offsets by the number of its transaction. Numbers come last: a loop that was
 * told offsets of the past counts on from there where it has written nothing since. What a person has set stands, forward and back.
 */
export function newestOf(answered: ReadonlyMap<string, CommittedOffset>, shown: readonly Progress[]): ReadonlyMap<string, CommittedOffset> {
  return shown.reduce((known, all) => {
    const progress = new Map([...all].filter(([place]) => known.has(place) && !isOfPerson(answered.get(place))));
    const common = new Map([...known].filter(([place]) => progress.has(place)));
    return isNewer(progress, common) ? new Map([...known, ...progress]) : known;
  }, answered);
}

/** Both of the same places. */
function isNewer(progress: Progress, known: Progress): boolean {
  const [said, before] = [newest(progress), newest(known)];
  const [era, than] = [said.era ?? 0, before.era ?? 0];
  if (era !== than) return era > than;
  const moves = [...progress].map(([place, { offset }]) => offset - known.get(place)!.offset);
  return moves.every((move) => move >= 0) && (moves.some((move) => move > 0) || numberOf(said.transaction) > numberOf(before.transaction));
}

/** A loop commits a note of its own beside every offset. */
const isOfPerson = (answered: CommittedOffset | undefined): boolean => answered !== undefined && answered.offset >= 0 && !loopsNote(answered.metadata);

const newest = (offsets: Progress): Note => newestNote([...offsets.values()].map(({ metadata }) => metadata));
