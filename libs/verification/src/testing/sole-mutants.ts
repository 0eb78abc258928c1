import { ModelTrained, ModelVersionApproved, PerformanceReported } from '@millrace/contracts';
import type { LogRecord } from '../history/log-record.ts';
import { hash32 } from '../slot-hash.ts';
import type { Mutation } from './mutation.ts';

/** What breaks a run in a way that one rule alone can tell: no other check finds anything, and this one nothing but what `says` says. */
export interface SoleMutant {
  readonly says: RegExp;
  readonly mutate: (m: Mutation) => void;
}

const command = (m: Mutation, kind: string): LogRecord => m.one('commands', 'command-issued', (fields) => fields.kind === kind);
const batch = (m: Mutation): LogRecord => m.one('events-rejected', 'event-rejected', ({ offsets }) => offsets > 1);
const adoptions = (m: Mutation, slot: number): LogRecord[] => m.all('serving', 'route-adopted', (fields) => fields.slot === slot);

export const soleMutants: Readonly<Record<string, Readonly<Record<string, SoleMutant>>>> = {
  routes: {
    'a slot passes over the newest route and goes on by the one before': { says: /never adopted the newest route/, mutate: (m) => standStill(m, 0) },
    'another slot does': { says: /never adopted the newest route/, mutate: (m) => standStill(m, 1) },
  },
  deciders: {
    'a request is never started': { says: /asks for was never started/, mutate: (m) => m.dropUncounted(...m.all('trainings', '*', ({ training }) => training === 'e-failed')) },
    'a training that has its labels never ends': { says: /was started and has no end, though \d+ labels/, mutate: (m) => m.dropUncounted(m.one('trainings', 'training-failed')) },
    'a trained model never becomes a version': { says: /no version was registered/, mutate: (m) => m.say(m.one('trainings', 'training-failed'), new ModelTrained({ ...m.fields(m.one('trainings', 'model-trained')), training: 'e-failed' })) },
    'a version is never judged': { says: /was registered, but never judged/, mutate: (m) => m.dropUncounted(m.one('model-versions', 'model-version-rejected')) },
    'an approved version is never rolled out': { says: /was approved, but no rollout of it began/, mutate: (m) => { const record = m.one('model-versions', 'model-version-rejected'); m.say(record, new ModelVersionApproved({ ...m.fields(record), verdicts: [], approvedBy: 'gates' })); } },
    'a rollout never ends': { says: /has no end$/, mutate: (m) => m.dropUncounted(m.one('rollouts', 'rollout-aborted')) },
    'a step is passed over': { says: /goes from 25 % to 100 %; the next step of 25, 50, 100 is 50/, mutate: (m) => m.change(m.one('rollouts', 'rollout-started', (fields) => fields.version === 2), { steps: [25, 50, 100] }) },
    'the first step is passed over': { says: /goes from 0 % to 25 %; the next step of 10, 25, 100 is 10/, mutate: (m) => m.change(m.one('rollouts', 'rollout-started', (fields) => fields.version === 2), { steps: [10, 25, 100] }) },
    'a sequence is missing beside others': { says: /has no sequence behind one|have no sequence, though|with sequence \d+ of findings/, mutate: (m) => m.set(m.one('findings', 'arm-observed'), { headers: Buffer.from('ce_type=x') }) },
    'the first sequence of a topic is missing': { says: /have no sequence, though others begin|with sequence \d+ of/, mutate: (m) => m.set(m.all('findings', '*')[0]!, { headers: Buffer.from('ce_type=x') }) },
  },
  rejected: {
    'a record is rejected as a batch': { says: /its value is no batch and the record there can be read/, mutate: (m) => m.change(m.one('events-rejected', 'event-rejected', ({ offsets, value }) => offsets === 1 && value !== null), { code: 'RECORD_BATCH_CORRUPT' }) },
    'a sound record is called no Avro': { says: /rejects a record as NOT_AVRO, but schema 1000 of orders was in force/, mutate: (m) => rejectSound(m, 'orders', 'NOT_AVRO') },
    'a declared schema is called unknown': { says: /rejects a record as UNKNOWN_SCHEMA, but schema 1001 of outcomes was in force/, mutate: (m) => rejectSound(m, 'outcomes', 'UNKNOWN_SCHEMA') },
    'a batch is rejected for a cause of records': { says: /which is a cause of single records/, mutate: (m) => m.change(batch(m), { code: 'NOT_AVRO' }) },
    'a batch has other bytes than its checksum': { says: /its value is no batch/, mutate: (m) => { const record = batch(m); const { value } = m.fields(record); m.change(record, { value: Buffer.from(value.map((byte: number, i: number) => (i === 70 ? byte ^ 1 : byte))) }); } },
  },
  labels: {
    'a label is the other way round, in the archive too': { says: /^says [01]; the event at lane position \d+ gives [01]$/, mutate: (m) => { const record = m.one('labels', 'label-observed', ({ eventId }) => !isPredicted(m, eventId)); const value = 1 - m.fields(record).value; m.change(record, { value }); inArchive(m, record, { value }); } },
  },
  features: {
    'a text differs, in the archive too': { says: /has the texts huge, which differ/, mutate: (m) => { const record = m.one('feature-vectors', 'vector-computed'); m.change(record, { vectors: [{ ...m.fields(record).vectors[0], categorical: ['huge'] }] }); inArchive(m, record, { categorical: ['huge'] }); } },
  },
  performance: {
    'a join is lost': { says: /counts \d+ labelled of/, mutate: (m) => reports(m, ({ labelled }) => ({ labelled: labelled - 1 })) },
    'a join is doubled': { says: /counts \d+ labelled of/, mutate: (m) => reports(m, ({ labelled }) => ({ labelled: labelled + 1 })) },
    'a prediction is not counted': { says: /counts \d+ predictions of/, mutate: (m) => reports(m, ({ predictions }) => ({ predictions: predictions - 1 })) },
    'a prediction is counted twice': { says: /counts \d+ predictions of/, mutate: (m) => reports(m, ({ predictions }) => ({ predictions: predictions + 1 })) },
    'a label is joined to the wrong prediction': { says: /says meanPrediction|says logLoss/, mutate: (m) => reports(m, ({ meanPrediction, logLoss }) => ({ meanPrediction: meanPrediction + 0.01, logLoss: logLoss + 0.02 })) },
    'an old value of a label counts': { says: /says rate|says accuracy/, mutate: (m) => reports(m, ({ labelled, rate, accuracy }) => ({ rate: rate + 1 / labelled, accuracy: accuracy - 1 / labelled })) },
    'a window is never judged': { says: /has passed by the label horizon, but was never judged/, mutate: (m) => m.dropUncounted(m.all('findings', 'performance-reported')[0]!) },
    'a window without predictions is judged': { says: /counts 1 predictions of .* the log has 0/, mutate: (m) => { const [record] = m.all('findings', 'performance-reported'); m.say(m.one('findings', 'arm-observed'), new PerformanceReported({ ...m.fields(record!), windowStart: 0, windowEnd: 86_400_000, predictions: 1, labelled: 0 })); } },
  },
  commands: {
    'a command is issued twice': { says: /is a second command with the id/, mutate: (m) => m.again(m.one('commands', 'command-issued')) },
    'a rollback that nobody ordered': { says: /epoch \d+ of late-order was ordered by no command/, mutate: (m) => m.drop(command(m, 'ROLL_BACK')) },
    'a rollback for another reason': { says: /epoch \d+ of late-order was ordered by no command/, mutate: (m) => m.change(command(m, 'ROLL_BACK'), { why: 'another' }) },
    'a rollout is aborted by somebody who did not': { says: /the end of the rollout r4 was ordered by no command/, mutate: (m) => m.change(m.one('rollouts', 'rollout-aborted'), { by: 'bob' }) },
    'a training that nobody asked for': { says: /the training of the episode \w+ was ordered by no command/, mutate: (m) => m.drop(command(m, 'RETRAIN')) },
    'a training by the id of another command': { says: /ordered by no command|but none was requested/, mutate: (m) => m.change(command(m, 'RETRAIN'), { commandId: 'c9' }) },
    'a training that was asked for is not requested': { says: /asks for a training of late-order \(c9\), but none was requested/, mutate: (m) => m.again(command(m, 'RETRAIN'), { commandId: 'c9' }) },
    'a verdict by nobody': { says: /the verdict on late-order@3 was ordered by no command/, mutate: (m) => m.change(m.one('model-versions', 'model-version-rejected'), { rejectedBy: 'ann' }) },
    'an approval by somebody else': { says: /the verdict on late-order@4 was ordered by no command/, mutate: (m) => m.change(m.one('model-versions', 'model-version-approved', ({ version }) => version === 4), { approvedBy: 'bob' }) },
  },
  archive: {
    'the last file was never sealed': { says: /is in no file of the archive/, mutate: (m) => { const { topic, partition } = m.random.pick(withRecords(m)); m.run.segments = m.run.segments.filter((each) => each.topic !== topic || each.partition !== partition || each !== lastOf(m, topic, partition)); } },
    'nothing was ever archived of a partition': { says: /is in no file of the archive/, mutate: (m) => { const { topic, partition } = m.random.pick(withRecords(m)); m.run.segments = m.run.segments.filter((each) => each.topic !== topic || each.partition !== partition); } },
    'a row behind the end of the log': { says: /the log ends before/, mutate: (m) => { const segment = m.random.pick(withRecords(m)); segment.rows.push({ ...segment.rows[0]!, log_offset: BigInt(m.log.end(`${segment.topic}/${segment.partition}`) + 5) }); } },
  },
};

/** Posts the record of an ingested event again, and rejects it. */
export function rejectSound(m: Mutation, stream: string, code: string, change: { value?: Buffer; acceptedAt?: number } = {}): LogRecord {
  const { source } = m.fields(m.one('event-ingested', 'event-ingested', (fields) => fields.stream === stream));
  const sound = m.one('events', '', (_, { topic, offset }) => topic === source.topic && offset === source.offset);
  const value = change.value ?? sound.value!;
  if (change.acceptedAt !== undefined) m.log.now = change.acceptedAt;
  const { topic, partition, offset, timestamp: acceptedAt } = m.log.value(sound.topic, 0, value, { key: 'again' });
  m.again(m.one('events-rejected', 'event-rejected', ({ offsets }) => offsets === 1), { stream, source: { topic, partition, offset }, code, acceptedAt, key: Buffer.from('again'), value, headers: {} });
  return m.log.records.get('events-rejected/0')!.at(-1)!;
}

function isPredicted(m: Mutation, eventId: Buffer): boolean {
  return m.all('predictions', 'prediction-made').some((record) => m.fields(record).eventId.equals(eventId));
}

function inArchive(m: Mutation, { topic, partition, offset }: LogRecord, change: object): void {
  for (const { rows } of m.run.segments.filter((each) => each.topic === topic && each.partition === partition)) {
    const at = rows.findIndex((row) => Number(row['log_offset']) === offset);
    if (at >= 0) rows[at] = { ...rows[at], ...change };
  }
}

function reports(m: Mutation, change: (fields: PerformanceReported) => object): void {
  for (const record of m.all('findings', 'performance-reported', ({ labelled }) => labelled > 0)) m.change(record, change(m.fields(record)));
}

/** The slot never writes the adoption of the newest route, and answers by the route before. */
export function standStill(m: Mutation, slot: number): void {
  const [before, last] = adoptions(m, slot).slice(-2) as [LogRecord, LogRecord];
  const { epoch } = m.fields(last);
  const held = m.fields(m.one('rollouts', 'route-changed', (fields) => fields.epoch === m.fields(before).epoch));
  for (const record of m.all('predictions', 'prediction-made', (fields, { partition }) => partition === slot && fields.epoch === epoch)) {
    const { eventId } = m.fields(record);
    const canary = held.arms.find(({ role }: { role: string }) => role === 'CANARY');
    const isCanary = canary && (hash32(Buffer.concat([eventId, Buffer.from(held.rolloutId)])) / 2 ** 32) * 100 < canary.weight;
    const { role, version, bundle } = isCanary ? canary : held.arms.find((each: { role: string }) => each.role === 'CHAMPION');
    m.change(record, { epoch: held.epoch, rolloutId: held.rolloutId, role, version, bundle });
  }
  m.drop(last);
}

function withRecords(m: Mutation): Mutation['run']['segments'] {
  return m.run.segments.filter((each) => each === lastOf(m, each.topic, each.partition) && each.rows.length > 0);
}

function lastOf(m: Mutation, topic: string, partition: number): Mutation['run']['segments'][number] {
  return m.run.segments.filter((each) => each.topic === topic && each.partition === partition).sort((a, b) => b.first - a.first)[0]!;
}
