import type { LogRecord } from '../history/log-record.ts';
import type { Mutation } from './mutation.ts';
import { model } from './simulated-loop.ts';

/** What breaks a run, by the check that must find it. */
export type Mutants = Readonly<Record<string, Readonly<Record<string, (run: Mutation) => void>>>>;

const ingested = (m: Mutation): LogRecord => m.one('event-ingested', 'event-ingested');
const rejection = (m: Mutation, holds?: (fields: { value: Buffer | null; headers: object }) => boolean): LogRecord => m.one('events-rejected', 'event-rejected', (fields) => fields.offsets === 1 && (holds?.(fields) ?? true));
const vector = (m: Mutation): LogRecord => m.one('feature-vectors', 'vector-computed');
const label = (m: Mutation): LogRecord => m.one('labels', 'label-observed');
const prediction = (m: Mutation): LogRecord => m.one('predictions', 'prediction-made');
const flipped = (bytes: Buffer, at: number): Buffer => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
const numeric = (m: Mutation, record: LogRecord): number[] => [...m.fields(record).vectors[0].numeric];
const withFeatures = (m: Mutation, record: LogRecord, features: number[]): void => m.change(record, { vectors: [{ ...m.fields(record).vectors[0], numeric: features }] });
const summary = (m: Mutation): LogRecord => m.one('window-summaries', 'window-summarised');
const other = (record: LogRecord): number => 1 - record.partition;

export const dataMutants: Mutants = {
  readable: {
    'a value that is cut': (m) => { const record = vector(m); m.set(record, { value: record.value!.subarray(0, -1) }); },
    'a value with bytes left over': (m) => { const record = prediction(m); m.set(record, { value: Buffer.concat([record.value!, Buffer.of(0)]) }); },
    'an event of another topic': (m) => m.set(prediction(m), { value: vector(m).value }),
    'a summary that is cut': (m) => { const record = summary(m); m.set(record, { value: record.value!.subarray(0, -1) }); },
    'a report among the summaries': (m) => m.set(summary(m), { value: m.one('findings', 'performance-reported').value }),
    'a summary of another slot': (m) => { const record = summary(m); m.change(record, { slot: other(record) }); },
    'a summary of another model': (m) => m.change(summary(m), { model: 'another' }),
    'a key that is not the event id': (m) => { const record = label(m); m.set(record, { key: flipped(record.key!, 3) }); },
  },
  outcomes: {
    'an ingested event is lost': (m) => m.drop(ingested(m)),
    'an ingested event is there twice': (m) => m.again(ingested(m)),
    'a rejection is lost': (m) => m.drop(rejection(m)),
    'a rejected record is ingested too': (m) => m.again(ingested(m), { source: m.fields(rejection(m)).source }),
    'an outcome of nothing': (m) => m.again(ingested(m), { source: { topic: 'events.orders', partition: 0, offset: 1_000_000 } }),
    'a payload that differs': (m) => { const record = ingested(m); m.change(record, { payload: flipped(m.fields(record).payload, 9) }); },
    'another schema id': (m) => { const record = ingested(m); m.change(record, { schemaId: 2001 - m.fields(record).schemaId }); },
    'another acceptance': (m) => { const record = ingested(m); m.change(record, { acceptedAt: m.fields(record).acceptedAt + 1 }); },
    'another event time': (m) => { const record = ingested(m); m.change(record, { eventTime: m.fields(record).eventTime - 1 }); },
    'another event id': (m) => { const record = ingested(m); const id = flipped(m.fields(record).eventId, 7); m.change(record, { eventId: id }); },
    'out of the order in which it was posted': (m) => m.swap(...m.pair('event-ingested', 'event-ingested', (a, b) => a.stream === b.stream)),
    'a posted record nobody saw': (m) => m.log.value('events.orders', 0, Buffer.of(1, 2, 3)),
  },
  accepted: {
    'an acknowledged record is not in the log': (m) => m.run.accepted.push({ topic: 'events.orders', partition: 0, offset: m.log.end('events.orders/0') + 3 }),
    'an acknowledged record was aborted': (m) => m.set(m.one('events', ''), { visible: false }),
    'an acknowledged id was never ingested': (m) => m.run.accepted.push({ eventId: m.random.bytes(16) }),
    'an acknowledged record has no outcome': (m) => m.drop(ingested(m)),
  },
  rejected: {
    'a byte of the value differs': (m) => { const record = rejection(m, ({ value }) => (value?.length ?? 0) > 0); const { value } = m.fields(record); m.change(record, { value: flipped(value, m.random.below(value.length)) }); },
    'the value is cut': (m) => { const record = rejection(m, ({ value }) => (value?.length ?? 0) > 0); m.change(record, { value: m.fields(record).value.subarray(1) }); },
    'the value is missing': (m) => m.change(rejection(m, ({ value }) => value !== null), { value: null }),
    'the key differs': (m) => m.change(rejection(m), { key: Buffer.from('x') }),
    'a header differs': (m) => { const record = rejection(m, ({ headers }) => 'note' in headers); m.change(record, { headers: { ...m.fields(record).headers, note: Buffer.from('z') } }); },
    'a header is missing': (m) => { const record = rejection(m, ({ headers }) => 'note' in headers); const { note: _, ...rest } = m.fields(record).headers; m.change(record, { headers: rest }); },
    'a header too many': (m) => { const record = rejection(m); m.change(record, { headers: { ...m.fields(record).headers, more: Buffer.from('1') } }); },
    'it is rejected twice': (m) => m.again(rejection(m)),
    'another acceptance': (m) => { const record = rejection(m); m.change(record, { acceptedAt: m.fields(record).acceptedAt - 5 }); },
    'a batch is rejected twice': (m) => m.again(m.one('events-rejected', 'event-rejected', ({ offsets }) => offsets > 1)),
    'a batch is the outcome of more than it holds': (m) => m.change(m.one('events-rejected', 'event-rejected', ({ offsets }) => offsets > 1), { offsets: 4 }),
    'a batch is the outcome of less than it holds': (m) => m.change(m.one('events-rejected', 'event-rejected', ({ offsets }) => offsets > 1), { offsets: 2 }),
    'a rejection of nothing': (m) => m.again(rejection(m), { source: { topic: 'events.orders', partition: 0, offset: 1_000_000 } }),
  },
  vectors: {
    'a vector is lost': (m) => m.drop(vector(m)),
    'a vector is there twice': (m) => m.again(vector(m)),
    'a vector in another slot': (m) => { const record = vector(m); m.drop(record); m.again(record, {}, other(record)); },
    'a vector of a repeat': (m) => m.again(vector(m), repeat(m)),
    'a vector of an event that is not predicted': (m) => m.again(vector(m), { position: m.one('event-ingested', 'event-ingested', ({ stream }) => stream === 'outcomes').offset }),
    'vectors out of order': (m) => m.swap(...m.pair('feature-vectors', 'vector-computed', () => true)),
    'a feature is missing': (m) => { const record = vector(m); withFeatures(m, record, numeric(m, record).slice(1)); },
    'a feature set that nobody declared': (m) => m.change(vector(m), { vectors: [{ featureSet: 'x', numeric: [1, 2, 3], categorical: [] }] }),
  },
  labels: {
    'a label is lost': (m) => m.drop(label(m)),
    'a label is there twice': (m) => m.again(label(m)),
    'a label in another slot': (m) => { const record = label(m); m.drop(record); m.again(record, {}, other(record)); },
    'a label of another event': (m) => { const [a, b] = m.pair('labels', 'label-observed', (x, y) => !x.eventId.equals(y.eventId)); m.set(a, { key: b.key }); m.change({ ...a, key: b.key }, { eventId: m.fields(b).eventId }); },
    'another label time': (m) => { const record = label(m); m.change(record, { labelTime: m.fields(record).labelTime - 1 }); },
    'a value that differs': (m) => { const record = label(m); m.change(record, { value: 1 - m.fields(record).value }); },
    'a label without value': (m) => m.change(label(m), { value: Number.NaN }),
    'labels out of order': (m) => m.swap(...m.pair('labels', 'label-observed', () => true)),
    'a lane time in the past': (m) => m.change(label(m), { laneTime: 0 }),
  },
  predictions: {
    'a prediction is lost': (m) => m.drop(prediction(m)),
    'a prediction is there twice': (m) => m.again(prediction(m)),
    'a prediction in another slot': (m) => { const record = prediction(m); m.drop(record); m.again(record, {}, other(record)); },
    'a prediction before the first route': (m) => { const early = m.one('feature-vectors', 'vector-computed', (fields) => !m.all('predictions', 'prediction-made').some((each) => m.fields(each).position === fields.position)); const { eventId, position, eventTime, acceptedAt } = m.fields(early); m.again(m.one('predictions', 'prediction-made', (_, { partition }) => partition === early.partition), { eventId, position, eventTime, acceptedAt }); },
    'a prediction without vector': (m) => m.again(prediction(m), { position: m.one('event-ingested', 'event-ingested', ({ stream }) => stream === 'outcomes').offset }),
    'predictions out of order': (m) => m.swap(...m.pair('predictions', 'prediction-made', (a, b) => a.epoch === b.epoch && a.version === b.version)),
    'another event time': (m) => { const record = prediction(m); m.change(record, { eventTime: m.fields(record).eventTime + 1 }); },
    'another acceptance': (m) => { const record = prediction(m); m.change(record, { acceptedAt: m.fields(record).acceptedAt + 1 }); },
  },
  visibility: {
    'an aborted vector is shown': (m) => m.set(m.one('feature-vectors', 'vector-computed', undefined, false), { visible: true, stored: false }),
    'an aborted prediction is shown': (m) => m.set(m.one('predictions', 'prediction-made', undefined, false), { visible: true, stored: false }),
    'a vector of an aborted event': (m) => m.set(m.one('event-ingested', 'event-ingested', ({ stream }) => stream === 'orders'), { visible: false }),
    'a label of an aborted event': (m) => m.set(m.one('event-ingested', 'event-ingested', (_, { offset }) => m.all('labels', 'label-observed').some((each) => m.fields(each).position === offset)), { visible: false }),
    'an ingested event of an aborted record': (m) => { const { source } = m.fields(ingested(m)); m.set(m.one('events', '', (_, { topic, offset }) => topic === source.topic && offset === source.offset), { visible: false }); },
    'a vector of another event': (m) => { const [a, b] = m.pair('feature-vectors', 'vector-computed', () => true); m.change(a, { position: m.fields(b).position }); },
    'a prediction of another event': (m) => { const [a, b] = m.pair('predictions', 'prediction-made', () => true); m.change(a, { position: m.fields(b).position }); },
    'other times than its event': (m) => { const record = vector(m); m.change(record, { acceptedAt: m.fields(record).acceptedAt + 1 }); },
    ...Object.fromEntries(['vectors', 'predictions', 'labels'].map((input) => [`a summary of ${input} that nobody wrote`, (m: Mutation) => readOn(m, input)])),
    'definitions that were never applied': (m) => m.change(m.one('event-ingested', 'definition-activated'), { hash: 'e'.repeat(64) }),
    'other definitions than were applied': (m) => { const record = m.one('event-ingested', 'definition-activated'); m.change(record, { definitions: m.fields(record).definitions.replace('amount > 5', 'amount > 6') }); },
  },
  archive: {
    'a row is lost': (m) => { const { rows } = segment(m); rows.splice(m.random.below(rows.length), 1); },
    'a row is there twice': (m) => { const { rows } = segment(m); const at = m.random.below(rows.length); rows.splice(at, 0, rows[at]!); },
    'a feature differs': (m) => changeRow(m, 'feature-vectors', (row) => ({ numeric: [(row['numeric'] as number[])[0]! + 1, ...(row['numeric'] as number[]).slice(1)] })),
    'a label differs': (m) => changeRow(m, 'labels', (row) => ({ value: 1 - (row['value'] as number) })),
    'an event id differs': (m) => changeRow(m, 'labels', (row) => ({ event_id: flipped(row['event_id'] as Buffer, 0) })),
    'a position differs': (m) => changeRow(m, 'feature-vectors', (row) => ({ position: (row['position'] as bigint) + 1n })),
    'a row at another offset': (m) => changeRow(m, 'feature-vectors', (row) => ({ log_offset: (row['log_offset'] as bigint) + 1000n })),
    'a file is missing': (m) => m.run.segments.splice(m.run.segments.findIndex(({ first }) => first === 16), 1),
    'two files overlap': (m) => m.run.segments.push({ ...segment(m), first: segment(m).first + 1 }),
    'an aborted record is archived': (m) => changeRow(m, 'feature-vectors', (row) => ({ log_offset: BigInt(m.one('feature-vectors', 'vector-computed', undefined, false).offset), x: row })),
  },
  features: {
    'a feature differs by one bit': (m) => { const record = vector(m); const [first, ...rest] = numeric(m, record); const bits = Buffer.alloc(4); bits.writeFloatLE(first!); bits[0]! ^= 1; withFeatures(m, record, [bits.readFloatLE(), ...rest]); },
    'a missing feature is zero': (m) => { const record = m.one('feature-vectors', 'vector-computed', ({ vectors }) => Number.isNaN(vectors[0].numeric[2])); withFeatures(m, record, [...numeric(m, record).slice(0, 2), 0]); },
    'zero is minus zero': (m) => { const record = m.one('feature-vectors', 'vector-computed', ({ vectors }) => vectors[0].numeric[1] === 0); const [a, , c] = numeric(m, record); withFeatures(m, record, [a!, -0, c!]); },
    'features change places': (m) => { const record = vector(m); const [a, b, c] = numeric(m, record); withFeatures(m, record, [b!, a!, c!]); },
    'a text differs': (m) => { const record = vector(m); m.change(record, { vectors: [{ ...m.fields(record).vectors[0], categorical: ['huge'] }] }); },
    'features of another event': (m) => { const [a, b] = m.pair('feature-vectors', 'vector-computed', () => true); withFeatures(m, a, numeric(m, b)); },
  },
};

/** The slot says that it has read one record more than there is. */
function readOn(m: Mutation, input: string): void {
  const record = summary(m);
  const { revision } = m.fields(record);
  m.change(record, { revision: { ...revision, [input]: m.log.end(`${input === 'vectors' ? 'feature-vectors' : input}.${model}/${record.partition}`) + 1 } });
}

function segment(m: Mutation): Mutation['run']['segments'][number] {
  return m.random.pick(m.run.segments.filter(({ rows }) => rows.length > 0));
}

function changeRow(m: Mutation, kind: string, change: (row: Readonly<Record<string, unknown>>) => object): void {
  const { rows } = m.random.pick(m.run.segments.filter(({ topic, rows: each }) => topic === `${kind}.${model}` && each.length > 0));
  const at = m.random.below(rows.length);
  rows[at] = { ...rows[at], ...change(rows[at]!) };
}

/** Fields of an event that came again within the hour. */
function repeat(m: Mutation): object {
  const counted = new Set(m.all('feature-vectors', 'vector-computed').map((each) => m.fields(each).position));
  const { offset, value } = m.one('event-ingested', 'event-ingested', ({ stream }, record) => stream === 'orders' && !counted.has(record.offset));
  const { eventId, eventTime, acceptedAt } = m.fields({ value } as LogRecord);
  return { eventId, eventTime, acceptedAt, position: offset };
}
