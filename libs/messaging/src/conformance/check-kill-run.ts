import { LabelObserved, PredictionMade, VectorComputed, decodeEvent, type Event } from '@millrace/contracts';
import { SnapshotFolder } from './snapshot-folder.ts';
import type { KillRun } from './kill-run.ts';
import type { Posted } from './kill-run-feed.ts';
import { TallyState } from './tally.state.ts';

/** One record as an independent client reads it. */
export interface CheckedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
}
/** Everything that a read_committed reader sees of a topic, in the order of each partition. */
export type ReadTopic = (topic: string) => Promise<CheckedRecord[]>;

export interface KillRunFindings {
  /** Inputs in the logs. */
  inputs: number;
  /** Accepted inputs that are not in the log, or stand there twice. */
  inputsLost: number;
  inputsDoubled: number;
  /** Inputs in the log that were aborted, or never sent. */
  inputsInvented: number;
  /** Committed inputs without a committed output, of either stage. */
  lost: number;
  /** Committed outputs beyond the first of an input, of either stage. */
  doubled: number;
  /** Outputs of inputs that were never committed. */
  invented: number;
  /** Numbers of the merged state that are missing or given twice. */
  misnumbered: number;
  /** Inputs of one stream whose outputs stand in another order than they do. */
  disordered: number;
  /** Slots whose restored state differs from a fold of the committed inputs. */
  wrongStates: number;
  /** Where the inputs of the second stage stand that have no output: `partition/offset`, the first 20. */
  lostAt: string[];
}

/** Compares what came out with what went in; every count but `inputs` must be 0.. */
export async function checkKillRun(run: KillRun, folder: string, readTopic: ReadTopic): Promise<KillRunFindings> {
  const of = async <E extends Event>(name: string, type: abstract new (...fields: never[]) => E) =>
    (await readTopic(run.workspace.topic(name, { model: 'm' }))).map((record) => ({ ...record, event: decodeEvent(record.value) as E })).filter(({ event }) => event instanceof type);
  const vectors = await of('feature-vectors.<model>', VectorComputed as never as abstract new () => VectorComputed);
  const labels = await of('labels.<model>', LabelObserved as never as abstract new () => LabelObserved);
  const predictions = await of('predictions.<model>', PredictionMade as never as abstract new () => PredictionMade);
  const log = async (stream: string) => (await readTopic(run.workspace.topic('events.<stream>', { stream }))).map(({ value }) => value!.subarray(0, 16).toString('hex'));
  const [a, b] = [await log('a'), await log('b')];
  const taken = [taking(run.posted.a, a), taking(run.posted.b, b)];
  const sum = (of: 'lost' | 'doubled' | 'invented'): number => taken[0]![of] + taken[1]![of];
  const first = compare([...a, ...b], vectors.map(({ event }) => event.eventId.toString('hex')));
  const second = compare(vectors.map((vector) => placeOf(vector)), predictions.map((prediction) => placeOf(prediction)));
  const answered = new Set(predictions.map((prediction) => placeOf(prediction)));
  const numbers = new Set(vectors.map(({ event }) => event.position));
  const highest = vectors.reduce((most, { event }) => Math.max(most, event.position), 0);
  return {
    inputs: a.length + b.length,
    inputsLost: sum('lost'),
    inputsDoubled: sum('doubled'),
    inputsInvented: sum('invented'),
    lost: first.lost + second.lost,
    doubled: first.doubled + second.doubled,
    invented: first.invented + second.invented,
    misnumbered: vectors.length - numbers.size + highest - numbers.size,
    disordered: disorder(a, vectors.map(({ event }) => event)) + disorder(b, vectors.map(({ event }) => event)),
    wrongStates: await wrongStates(run, folder, vectors, labels),
    lostAt: vectors.filter((vector) => !answered.has(placeOf(vector))).slice(0, 20).map(({ partition, offset }) => `${partition}/${offset}`),
  };
}

/** What the log holds against what its senders were told. */
function taking({ accepted, unknown }: Posted, log: readonly string[]): { lost: number; doubled: number; invented: number } {
  const { lost, doubled, invented } = compare(accepted, log);
  const mayStand = new Set(unknown);
  return { lost, doubled, invented: invented - log.filter((id) => mayStand.has(id)).length };
}

const placeOf = ({ partition, event }: { partition: number; event: { eventId: Buffer } }): string => `${partition} ${event.eventId.toString('hex')}`;

function compare(wanted: readonly string[], found: readonly string[]): { lost: number; doubled: number; invented: number } {
  const counts = new Map<string, number>();
  for (const id of found) counts.set(id, (counts.get(id) ?? 0) + 1);
  const known = new Set(wanted);
  return {
    lost: wanted.filter((id) => !counts.has(id)).length,
    doubled: [...counts.values()].reduce((sum, count) => sum + count - 1, 0),
    invented: [...counts.keys()].filter((id) => !known.has(id)).length,
  };
}

function disorder(accepted: readonly string[], vectors: readonly VectorComputed[]): number {
  const numberOf = new Map(vectors.map((vector) => [vector.eventId.toString('hex'), vector.position]));
  const numbers = accepted.map((id) => numberOf.get(id) ?? 0);
  return numbers.filter((number, index) => index > 0 && number < numbers[index - 1]!).length;
}

/** The states that the workers left behind against an independent fold, slot by slot. */
async function wrongStates(run: KillRun, folder: string, vectors: { partition: number; event: VectorComputed }[], labels: { partition: number; event: LabelObserved }[]): Promise<number> {
  let wrong = 0;
  for (let slot = 0; slot < run.workspace.slots; slot++) {
    const expected = new TallyState();
    for (const { partition, event } of vectors) if (partition === slot) expected.add(event.eventId, 'vectors', event.position);
    for (const { partition, event } of labels) if (partition === slot) expected.add(event.eventId, 'labels', event.position);
    const snapshot = await new SnapshotFolder(folder).latest(run.workspace.writerId('kill-run', 'tally', 'm', slot), { 'feature-vectors.m': Infinity, 'labels.m': Infinity });
    const actual = new TallyState();
    if (snapshot) await actual.restore(snapshot.pages());
    if (actual.hash() !== expected.hash()) wrong++;
  }
  return wrong;
}
