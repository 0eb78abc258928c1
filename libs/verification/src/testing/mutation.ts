import * as contracts from '@millrace/contracts';
import { decodeOwn, type OwnEvent } from '../avro/own-events.ts';
import type { LogRecord } from '../history/log-record.ts';
import type { MemoryLog } from './memory-log.ts';
import type { RecordedRun } from './recorded-run.ts';
import { Seeded } from './seeded.ts';

type Fields = OwnEvent['fields'];
const classes = new Map((Object.values(contracts) as unknown[]).filter((each): each is contracts.EventClass => typeof each === 'function' && 'stem' in each).map((each) => [each.stem, each]));
const encoder = new contracts.EventEncoder();

const sequence = /sequence=(\d+)/;
const sequenceOf = ({ headers }: LogRecord): number => Number(sequence.exec(headers.toString('latin1'))![1]);

/** A copy of a run in which something is broken. */
export class Mutation {
  readonly run: RecordedRun;
  readonly random: Seeded;

  constructor(run: RecordedRun, seed: number) {
    this.run = { log: run.log.copy(), accepted: [...run.accepted], segments: run.segments.map((segment) => ({ ...segment, rows: [...segment.rows] })) };
    this.random = new Seeded(seed);
  }

  get log(): MemoryLog {
    return this.run.log;
  }

  /** Records of all partitions of a kind of topic, of one stem ('*': of any; '': not decoded), that hold the condition. */
  all(kind: string, stem: string, holds: (fields: Fields, record: LogRecord) => boolean = () => true, visible = true): LogRecord[] {
    return [...this.log.records].filter(([place]) => place.startsWith(`${kind}.`) || place.startsWith(`${kind}/`)).flatMap(([, records]) =>
      records.filter((record) => {
        if (record.visible !== visible) return false;
        if (stem === '') return holds({}, record);
        const event = decodeOwn(record.value);
        return (stem === '*' || event.stem === stem) && holds(event.fields, record);
      }),
    );
  }

  /** One of them. @throws when there is none: then the mutant would test nothing */
  one(kind: string, stem: string, holds?: (fields: Fields, record: LogRecord) => boolean, visible = true): LogRecord {
    const found = this.all(kind, stem, holds, visible);
    if (found.length === 0) throw new Error(`no ${stem} in ${kind} fits the mutation`);
    return this.random.pick(found);
  }

  fields(record: LogRecord): Fields {
    return decodeOwn(record.value).fields;
  }

  /** Takes the sequences of the deciders away: then a decision that is lost or doubled must show by what it says. */
  withoutSequences(): void {
    for (const records of this.log.records.values())
      records.forEach((record, i) => (records[i] = { ...record, headers: Buffer.from(record.headers.toString('latin1').replace(/,?sequence=\d+/, ''), 'latin1') }));
  }

  drop(record: LogRecord): void {
    this.replace(record);
  }

  /** As if the decider had never said them: the sequences of its other events close up. */
  dropUncounted(...records: LogRecord[]): void {
    for (const record of records) this.drop(record);
    for (const topics of [['retrain-requested', 'findings'], ['trainings'], ['model-versions'], ['rollouts']]) {
      const counted = topics.flatMap((topic) => this.log.records.get(`${topic}/0`)!).filter(({ headers, visible }) => visible && sequence.test(headers.toString('latin1')));
      const numbers = [...new Set(counted.map(sequenceOf))].sort((a, b) => a - b);
      for (const record of counted) this.set(record, { headers: Buffer.from(record.headers.toString('latin1').replace(sequence, `sequence=${numbers.indexOf(sequenceOf(record))}`), 'latin1') });
    }
  }

  /** Says another event at the place of a record. */
  say(record: LogRecord, event: contracts.Event): void {
    this.set(record, { value: Buffer.from(encoder.encode(event)) });
  }

  /** Writes the record again at the end of its partition, or of another. */
  again(record: LogRecord, change: Fields = {}, partition = record.partition): void {
    const { topic, key, headers } = record;
    this.log.value(topic, partition, this.encoded(record, change), { ...(key ? { key } : {}), headers: headers.toString('latin1') });
  }

  change(record: LogRecord, change: Fields): void {
    this.replace(record, { ...record, value: this.encoded(record, change) });
  }

  /** Other bytes, headers, key or visibility. */
  set(record: LogRecord, change: Partial<LogRecord>): void {
    this.replace(record, { ...record, ...change });
  }

  /** Two records change places; offsets and times stay. */
  swap(a: LogRecord, b: LogRecord): void {
    this.replace(a, { ...b, topic: a.topic, partition: a.partition, offset: a.offset, timestamp: a.timestamp });
    this.replace(b, { ...a, topic: b.topic, partition: b.partition, offset: b.offset, timestamp: b.timestamp });
  }

  /** Two records of a partition, the first before the second. */
  pair(kind: string, stem: string, holds: (first: Fields, second: Fields) => boolean): [LogRecord, LogRecord] {
    const records = this.all(kind, stem);
    for (let tries = 0; tries < 2000; tries++) {
      const [a, b] = [this.random.pick(records), this.random.pick(records)];
      if (a.topic === b.topic && a.partition === b.partition && a.offset < b.offset && holds(this.fields(a), this.fields(b))) return [a, b];
    }
    throw new Error(`no two ${stem} in ${kind} fit the mutation`);
  }

  private encoded(record: LogRecord, change: Fields): Buffer {
    const { stem, fields } = decodeOwn(record.value);
    const type = classes.get(stem) as unknown as new (fields: Fields) => contracts.Event;
    return Buffer.from(encoder.encode(new type({ ...fields, ...change })));
  }

  private replace(record: LogRecord, by?: LogRecord): void {
    const records = this.log.records.get(`${record.topic}/${record.partition}`)!;
    records.splice(records.findIndex(({ offset }) => offset === record.offset), 1, ...(by ? [by] : []));
  }
}
