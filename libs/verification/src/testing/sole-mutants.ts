import type { LogRecord } from '../history/log-record.ts';
import { hash32 } from '../slot-hash.ts';
import type { Mutation } from './mutation.ts';

/** What breaks a run in a way that one rule alone can tell: no other check finds anything, and this one nothing but what `says` says. */
export interface SoleMutant {
  readonly says: RegExp;
  readonly mutate: (m: Mutation) => void;
}

const adoptions = (m: Mutation, slot: number): LogRecord[] => m.all('serving', 'route-adopted', (fields) => fields.slot === slot);

export const soleMutants: Readonly<Record<string, Readonly<Record<string, SoleMutant>>>> = {
  routes: {
    'a slot passes over the newest route and goes on by the one before': { says: /never adopted the newest route/, mutate: (m) => standStill(m, 0) },
    'another slot does': { says: /never adopted the newest route/, mutate: (m) => standStill(m, 1) },
  },
  archive: {
    'the last file was never sealed': { says: /is in no file of the archive/, mutate: (m) => { const { topic, partition } = m.random.pick(withRecords(m)); m.run.segments = m.run.segments.filter((each) => each.topic !== topic || each.partition !== partition || each !== lastOf(m, topic, partition)); } },
    'nothing was ever archived of a partition': { says: /is in no file of the archive/, mutate: (m) => { const { topic, partition } = m.random.pick(withRecords(m)); m.run.segments = m.run.segments.filter((each) => each.topic !== topic || each.partition !== partition); } },
    'a row behind the end of the log': { says: /the log ends before/, mutate: (m) => { const segment = m.random.pick(withRecords(m)); segment.rows.push({ ...segment.rows[0]!, log_offset: BigInt(m.log.end(`${segment.topic}/${segment.partition}`) + 5) }); } },
  },
};

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
