import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefinitionApplied, EventEncoder, EventIngested, WorkspaceCreated, decodeEvent, eventIdOf, type Event, type EventRejected } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { ServiceProcess, readTopic, testKafka, testWorkspace, until } from '@millrace/testing';
import avro from 'avsc';

const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
const orders = { type: 'record', name: 'Orders', fields: [{ name: 'order', type: 'long' }, { name: 'placedAt', type: 'long' }, { name: 'amount', type: 'double' }] };
const definitions = JSON.stringify({
  version: 1, timeZoneData: '2025b', entities: [], rowFeatures: [], views: [], models: [],
  streams: [{ name: 'orders', fields: [{ name: 'order', kind: 'whole' }, { name: 'placedAt', kind: 'instant' }, { name: 'amount', kind: 'real', min: 0 }], id: 'order', eventTime: 'placedAt', after: [] }],
});
const placedAt = Date.UTC(2026, 0, 1);
const framed = (order: number, amount = 1): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(5), avro.Type.forSchema(orders as avro.Schema).toBuffer({ order, placedAt, amount })]);
  bytes.writeInt32BE(1000, 1);
  return bytes;
};

describe('ingestion as a process', () => {
  let brokers: string;
  let artifacts: string;
  let producer: PlainProducer;
  let service: ServiceProcess;
  /** What a client that posts from the first moment on is told. */
  const firstAnswers: number[] = [];

  const post = (body: unknown, stream = 'orders'): Promise<Response> =>
    fetch(`http://127.0.0.1:${service.port}/events/${stream}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const read = async (topic: string): Promise<Event[]> => (await readTopic({ brokers, topic: workspace.topic(topic) })).map(({ value }) => decodeEvent(value));
  const ingested = async (): Promise<string[]> => (await read('event-ingested')).filter((event) => event instanceof EventIngested).map(({ eventId }) => eventId.toString('hex'));
  const idOf = (order: number): string => eventIdOf('orders', order).toString('hex');

  beforeAll(async () => {
    ({ brokers } = await testKafka());
    artifacts = await mkdtemp(join(tmpdir(), 'millrace-ingestion-'));
    const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'ingestion-test' });
    const admin = new TopicAdmin(cluster);
    await admin.ensureTopics(topicsFor(workspace, { streams: ['orders'], models: [] }));
    await admin.close();
    producer = await PlainProducer.open(cluster);
    const encoder = new EventEncoder();
    const applied = new DefinitionApplied({ hash: 'h', definitions, schemas: [{ stream: 'orders', schemaId: 1000, schema: JSON.stringify(orders) }], appliedAt: 0, by: 'ann' });
    for (const event of [new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }), applied]) await producer.send(workspace.topic('definitions'), 0, [{ key: 'definitions', value: encoder.encode(event) }]);
    service = await ServiceProcess.start({
      main: new URL('../dist/main.js', import.meta.url),
      environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix },
    });
    await until(async () => (firstAnswers.push((await post({ order: 1000, placedAt, amount: 1 })).status), firstAnswers.at(-1) === 202), { what: 'definitions at the door', timeoutMs: 20_000 });
  }, 300_000);

  afterAll(async () => {
    await producer.close();
    expect(await service.end('SIGTERM')).toBe(0);
    await rm(artifacts, { recursive: true, force: true });
  }, 30_000);

  it('never says of a declared stream that it does not exist, also while it starts', () => {
    expect(new Set(firstAnswers.slice(0, -1)).size).toBeLessThanOrEqual(1);
    expect(firstAnswers.every((status) => status === 503 || status === 202)).toBe(true);
  });

  it('lets the good ones flow on around poison, which it keeps with its bytes', async () => {
    const poison = [Buffer.from('hello'), Buffer.concat([framed(2), Buffer.from('x')]), framed(3, -1), Buffer.from([0, 0, 0, 9, 9, 1])];
    const values = [framed(1), ...poison, framed(4)];
    await producer.send(workspace.topic('events.<stream>', { stream: 'orders' }), 0, values.map((value, index) => ({ key: `k${index}`, value, headers: { trace: `t${index}` } })));
    await until(async () => (await ingested()).includes(idOf(4)), { what: 'the record behind the poison', timeoutMs: 20_000, everyMs: 100 });
    const rejected = (await read('events-rejected')) as EventRejected[];
    expect(rejected.map(({ code }) => code)).toEqual(['NOT_AVRO', 'NOT_AVRO', 'INVALID_FIELD', 'UNKNOWN_SCHEMA']);
    expect(rejected.map(({ value }) => value)).toEqual(poison);
    expect(rejected.map(({ key, headers }) => [key!.toString(), headers['trace']!.toString()])).toEqual([1, 2, 3, 4].map((index) => [`k${index}`, `t${index}`]));
    expect((await ingested()).filter((id) => [1, 4].map(idOf).includes(id))).toEqual([idOf(1), idOf(4)]);
  }, 60_000);

  it('answers 202 once the broker has the events, with their ids', async () => {
    const answer = await post([{ order: 11, placedAt, amount: 1 }, { order: 12, placedAt, amount: 2 }]);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 2, eventIds: [idOf(11), idOf(12)] });
    await until(async () => (await ingested()).filter((id) => [idOf(11), idOf(12)].includes(id)).length === 2, { what: 'the posted events', timeoutMs: 20_000, everyMs: 100 });
  }, 60_000);

  it.each<[string, unknown, string, number, string]>([
    ['no JSON', '{"order":', 'orders', 400, ''],
    ['no object', [1], 'orders', 400, 'INVALID_BODY'],
    ['nothing', [], 'orders', 400, 'INVALID_BODY'],
    ['a missing field', { order: 1, placedAt }, 'orders', 400, 'INVALID_FIELD'],
    ['a field of another type', { order: 'one', placedAt, amount: 1 }, 'orders', 400, 'INVALID_FIELD'],
    ['a value out of range', { order: 1, placedAt, amount: -1 }, 'orders', 400, 'INVALID_FIELD'],
    ['an event from the future', { order: 1, placedAt: Date.now() + 3_600_000, amount: 1 }, 'orders', 400, 'FROM_THE_FUTURE'],
    ['an unknown stream', { order: 1, placedAt, amount: 1 }, 'nothing', 404, 'NOT_FOUND'],
  ])('refuses %s with a reason, and accepts nothing of the request', async (_, body, stream, status, code) => {
    const before = (await readTopic({ brokers, topic: workspace.topic('events.<stream>', { stream: 'orders' }) })).length;
    const answer = await post(body, stream);
    expect(answer.status).toBe(status);
    if (code) expect(await answer.json()).toMatchObject({ code, retriable: false });
    expect((await readTopic({ brokers, topic: workspace.topic('events.<stream>', { stream: 'orders' }) })).length).toBe(before);
  });
});
