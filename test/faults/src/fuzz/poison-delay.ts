/**
 * Whether poison delays good records: `node --conditions=@millrace/source test/faults/src/fuzz/poison-delay.ts --records 20000 --rate 500
 * --share 0.01 --report FILE`. Posts to a stream at a steady rate, with hostile batches among the good records, to a broker and an
 * ingestion service of its own. The delay of a record is that between two append times of the broker: posted and ingested.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DefinitionApplied, EventEncoder, EventIngested, EventRejected, WorkspaceCreated, decodeEvent } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { bomb, positiveOption, RawProducer, readEvents, readTopic, recordBatch, recordsBody, ServiceProcess, testKafka, testWorkspace, until, wholeOption } from '@millrace/testing';
import { quantile } from '../overload/figures.ts';
import { zigzag } from './avro-sample.ts';

const { values } = parseArgs({ options: { records: { type: 'string', default: '20000' }, rate: { type: 'string', default: '500' }, share: { type: 'string', default: '0.01' }, report: { type: 'string' } } });
const [count, rate, share] = [wholeOption('records', values.records, 1), positiveOption('rate', values.rate), positiveOption('share', values.share)];
const limitMs = 2000;
const perTick = 10;

const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
const orders = { type: 'record', name: 'Orders', fields: [{ name: 'order', type: 'long' }, { name: 'placedAt', type: 'long' }] };
const definitions = JSON.stringify({
  version: 1, timeZoneData: '2025b', entities: [], rowFeatures: [], views: [], models: [],
  streams: [{ name: 'orders', fields: [{ name: 'order', kind: 'whole' }, { name: 'placedAt', kind: 'instant' }], id: 'order', eventTime: 'placedAt', after: [] }],
});
const good = (order: number): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 3, 232]), zigzag(order), zigzag(Date.UTC(2026, 0, 1))]);
const twice = recordsBody([{ value: Buffer.from('same offset') }]);
// No larger than need be: a broker inflates them too, under the lock of the partition.
const poison = [
  recordBatch(bomb('gzip', 20 << 20)), recordBatch(bomb('zstd', 64 << 20)), recordBatch(bomb('lz4', 24 << 20)), recordBatch(bomb('snappy', 16 << 20)),
  recordBatch({ body: Buffer.concat([twice, twice]), count: 2 }), recordBatch({ records: [{ value: Buffer.from('garbage') }] }), recordBatch({ records: [{ value: Buffer.alloc(1_000_000, 7) }] }),
  recordBatch({ records: [{ value: Buffer.from([0, 0, 0, 9, 9, 1]) }] }), recordBatch({ records: [{ value: null, headers: Array.from({ length: 5000 }, (_, i) => [String(i), null] as const) }] }),
];

const { brokers } = await testKafka();
const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'poison-delay' });
const admin = new TopicAdmin(cluster);
await admin.ensureTopics(topicsFor(workspace, { streams: ['orders'], models: [] }));
await admin.close();
const producer = await PlainProducer.open(cluster);
const encoder = new EventEncoder();
const applied = new DefinitionApplied({ hash: 'h', definitions, schemas: [{ stream: 'orders', schemaId: 1000, schema: JSON.stringify(orders) }], appliedAt: 0, by: 'ann' });
for (const event of [new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }), applied]) await producer.send(workspace.topic('definitions'), 0, [{ key: 'definitions', value: encoder.encode(event) }]);
await producer.close();
const artifacts = await mkdtemp(join(tmpdir(), 'millrace-poison-'));
const service = await ServiceProcess.start({ main: new URL('../../../../apps/ingestion/dist/main.js', import.meta.url), environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix } });
const topic = workspace.topic('events.<stream>', { stream: 'orders' });
const raw = await RawProducer.open(brokers);
const ingested = workspace.topic('event-ingested');

// The first good record brings the lane to its steady state; it does not count.
await raw.produce(topic, 0, recordBatch({ records: [{ value: good(-1) }] }));
await until(async () => (await readEvents({ brokers, topic: ingested }, EventIngested)).length > 0, { what: 'the first record', timeoutMs: 30_000, everyMs: 100 });

const started = performance.now();
let posted = 0;
let poisoned = 0;
// Not awaited one by one: the rate does not wait for the broker, and its answers come in order.
const sent: Promise<{ errorCode: number }>[] = [];
for (let tick = 0; posted < count; tick++) {
  const records = Array.from({ length: Math.min(perTick, count - posted) }, (_, i) => ({ value: good(posted + i) }));
  posted += records.length;
  sent.push(raw.produce(topic, 0, recordBatch({ records })));
  for (; poisoned < posted * share; poisoned++) sent.push(raw.produce(topic, 0, poison[poisoned % poison.length]!));
  await delay(Math.max(0, started + ((tick + 1) * perTick * 1000) / rate - performance.now()));
}
const refused = (await Promise.all(sent)).filter(({ errorCode }) => errorCode !== 0).length;
if (refused > 0) throw new Error(`the broker refused ${refused} batches`);
const seconds = (performance.now() - started) / 1000;
const outcomes = await until(
  async () => {
    const records = (await readTopic({ brokers, topic: ingested })).flatMap(({ value, timestamp }) => {
      const event = decodeEvent(value);
      return event instanceof EventIngested && event.source.offset > 0 ? [{ source: event.source.offset, ms: timestamp - event.acceptedAt }] : [];
    });
    return records.length >= count ? records : undefined;
  },
  { what: 'all good records', timeoutMs: 60_000, everyMs: 500 },
).catch(() => []);
const rejected = await readEvents({ brokers, topic: workspace.topic('events-rejected') }, EventRejected);
const delays = outcomes.map(({ ms }) => ms);
const peakMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))![1]) / 1024;
await service.end('SIGTERM');
raw.close();
await rm(artifacts, { recursive: true, force: true });

const figures = { good: count, poisoned, seconds, ratePerSecond: count / seconds, p50Ms: quantile(delays, 0.5), p99Ms: quantile(delays, 0.99), mostMs: quantile(delays, 1), peakResidentMb: peakMb };
const checks = [
  { name: 'good records lost or doubled', value: Math.abs(count - new Set(outcomes.map(({ source }) => source)).size) + Math.abs(outcomes.length - count), limit: 0 },
  { name: 'good records delayed by more than 2 s', value: outcomes.filter(({ ms }) => ms > limitMs).length, limit: 0 },
  { name: 'poison records without their one rejection', value: Math.abs(poisoned - rejected.length), limit: 0 },
].map((check) => ({ ...check, ok: check.value <= check.limit }));
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks, figures }, null, 2)}\n`);
console.log(JSON.stringify({ checks, figures }, null, 2));
process.exit(checks.every(({ ok }) => ok) ? 0 : 1);
