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
  /** Which transaction was the last, or a name with its number that is none of them where a person has set offsets since; undefined before the first. */
  readonly transaction: string | undefined;
}

type Note = Pick<Committed, 'transaction' | 'mark'>;

/** Text that is committed beside each offset: tells the transaction, also where it moved no offset. */
export function noteOf({ transaction, mark }: Note): string {
  return JSON.stringify({ transaction, mark });
}

/**
 * The newest of the notes beside the offsets of a loop: an input that left and came back carries an older one. A plain number is a
 * mark alone, as a person writes it who restores lost offsets; any other words of a person say nothing.
 */
export function newestNote(texts: readonly (string | undefined)[]): Note {
  const notes = texts.flatMap((text): Note[] => {
    if (text?.startsWith('{')) {
      const { transaction, mark } = JSON.parse(text) as Partial<Note>;
      return [{ transaction, mark }];
    }
    return text && /^\d+$/.test(text) ? [{ transaction: undefined, mark: Number(text) }] : [];
  });
  const later = (a: Note, b: Note): number => numberOf(b.transaction) - numberOf(a.transaction) || (b.mark ?? -Infinity) - (a.mark ?? -Infinity);
  return notes.sort(later)[0] ?? { transaction: undefined, mark: undefined };
}

/** A name for the transaction after `last`, unlike that of any other instance: `<number>-<8 random hex digits>`. The number grows with each, whatever a person does to the offsets. */
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
    const note = newestNote([...offsets.values()].map(({ metadata }) => metadata));
    const ofPerson = [...answered.values()].some(isOfPerson);
    return { positions, fresh, mark: note.mark, transaction: ofPerson ? afterPerson(note, answered, shown) : note.transaction };
  } finally {
    await admin.close();
  }
}

/** What others post may have been deleted before it was read; a topic of the platform that is new to a loop may as well begin anywhere. */
function beginsLate({ name, partition }: InputTopic, low: number): string {
  return `${name}/${partition} begins at offset ${low}, and nothing of it was ever committed: events that were posted before since its stream was declared have no outcome; see docs/runbooks/offsets-lost.md`;
}

/** So that whatever is committed from now on is newer than what outputs say of the time before a person has set offsets. */
function afterPerson({ transaction }: Note, inputs: Progress, shown: readonly Progress[]): string | undefined {
  const mine = shown.filter((progress) => [...progress.keys()].some((place) => inputs.has(place)));
  const highest = mine.reduce((most, progress) => Math.max(most, newestNumber(progress)), numberOf(transaction));
  return highest > 0 ? `${highest}-set` : undefined;
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
 * The newest of what a broker answers and of what transactions said. The number of a transaction tells, also where a person has gone back
 * between two of them. Where one has none offsets do, which only grow: whoever is ahead at one input and behind at none is newer. What a
 * person has set stands, forward and back.
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
  const [number, than] = [newestNumber(progress), newestNumber(known)];
  if (number > 0 && than > 0 && number !== than) return number > than;
  const moves = [...progress].map(([place, { offset }]) => offset - known.get(place)!.offset);
  return moves.every((move) => move >= 0) && (number > than || moves.some((move) => move > 0));
}

/** A loop commits a note of its own beside every offset. */
const isOfPerson = (answered: CommittedOffset | undefined): boolean => answered !== undefined && answered.offset >= 0 && !answered.metadata?.startsWith('{');

const newestNumber = (offsets: Progress): number => numberOf(newestNote([...offsets.values()].map(({ metadata }) => metadata)).transaction);
