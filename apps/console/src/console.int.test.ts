import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CommandIssued, DefinitionApplied, EventRejected, WorkspaceCreated, type Event } from '@millrace/contracts';
import { count, cyclic, defineEntity, defineFeatureView, defineModel, defineRowFeatures, defineStream, gate, instant, logisticRegression, row, text, toCanonical, when, whole, cel } from '@millrace/definitions';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace } from '@millrace/messaging';
import { ServiceProcess, publish, readEvents, testKafka, testWorkspace, until } from '@millrace/testing';
import { adopted, arm, completed, first, model, routed, second } from './testing/examples.ts';

jest.setTimeout(60_000);
const main = new URL('../dist/main.js', import.meta.url);
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
let brokers: string;
let artifacts: string;
let cluster: KafkaCluster;
let app: ServiceProcess;

const arrivals = (more: object = {}) => defineStream('arrivals', { fields: { flight: whole(), landedAt: instant(), airport: text(), delay: whole(), ...more }, id: 'flight', eventTime: 'landedAt' });
const departures = defineStream('departures', { fields: { flight: whole(), departedAt: instant(), airport: text() }, id: 'flight', eventTime: 'departedAt' });
const airport = defineEntity('airport', [departures], (departure) => departure.airport);
const hours = defineRowFeatures(departures, (departure) => ({ hourOfDay: row(cel`hourOfDay(${departure.departedAt}, "UTC")`) }));
const traffic = defineFeatureView('traffic', { from: departures, entity: airport, resolution: '1m', features: () => ({ departures60m: count().before('60m') }) });

function flightDelay(from: ReturnType<typeof arrivals>) {
  return defineModel(model, {
    predicts: departures, features: { ...hours, departures60m: traffic.departures60m },
    label: { from, judges: 'flight', value: cel`${from.delay} > 15`, horizon: '12h', absent: 'unknown' },
    learner: logisticRegression({ C: 1, encode: { hourOfDay: cyclic(24, 2) } }), training: { window: '28d', holdout: 0.2, minimumLabels: 10, seed: 7 },
    gates: [gate.atLeast('auc', 0.6)], rollout: { steps: [5, 100], minimum: 500, maximumWait: '10m' }, retrain: { when: [when.labels(40)], newLabels: 60, cooldown: '7d' },
  });
}
const [plain, wider] = [arrivals(), arrivals({ gate: text() })];
const sets = [{ plain, flightDelay: flightDelay(plain) }, { wider, flightDelay: flightDelay(wider as never) }].map((exports) => toCanonical(exports, '2025b'));

interface Answer {
  status: number;
  body: any;
}

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await app.ask(path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  return { status: response.status, body: await response.json() };
}
const apply = (definitions: unknown): Promise<Answer> => ask('definitions', { definitions, by: 'ann' });
const rollBack = (key: string, change: object = {}): Promise<Answer> => ask('commands', { kind: 'ROLL_BACK', model, who: 'ann', why: 'a try', ...change }, { 'idempotency-key': key });
const eventsOf = (topic: string): Promise<Event[]> => readEvents({ brokers, topic: workspace.topic(topic) });

async function write(topic: string, ...events: Event[]): Promise<void> {
  const producer = await PlainProducer.open(cluster);
  await publish(producer, { topic: workspace.topic(topic), key: model }, ...events);
  await producer.close();
}

async function start(): Promise<void> {
  app = await ServiceProcess.start({ main, environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix } });
  await until(async () => (await ask('health/ready')).status === 200, { what: 'readiness' });
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  cluster = new KafkaCluster({ brokers: [brokers], clientId: 'console-test' });
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-console-'));
  await start();
}, 300_000);

afterAll(async () => {
  expect(await app.end('SIGTERM')).toBe(0);
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

describe('the console on a real broker', () => {
  it('has nothing at first and says what to do', async () => {
    expect(await ask('definitions')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', hint: 'millrace apply <file>' } });
    expect(await ask('status')).toMatchObject({ status: 200, body: { service: 'console', workspace: null, definitionsHash: null, models: [], rejected: { total: 0 } } });
    expect(await ask(`models/${model}`)).toMatchObject({ status: 404 });
    expect((await ask('status')).body.brokers).toEqual([brokers]);
  });

  it('refuses a wrong set as a whole', async () => {
    expect(await apply(sets[0]!.json.replace('departures60m', 'departures61m'))).toMatchObject({ status: 400, body: { code: 'DEFINITION_INVALID', error: expect.any(String) } });
    expect(await apply('{')).toMatchObject({ status: 400, body: { code: 'DEFINITION_INVALID' } });
    expect(await ask('definitions', { definitions: {} })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', error: expect.stringContaining("'by'") } });
    expect(await eventsOf('definitions')).toEqual([]);
    const admin = new TopicAdmin(cluster);
    expect((await admin.topics()).filter((name) => name.startsWith(`${workspace.prefix}.labels.`))).toEqual([]);
    await admin.close();
  });

  it('applies a set once and tells producers how to post', async () => {
    const answers = await Promise.all([apply(sets[0]!.json), apply(JSON.parse(sets[0]!.json))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(await apply(sets[0]!.json)).toMatchObject({ status: 200, body: { hash: sets[0]!.hash, changed: false } });
    expect((await eventsOf('definitions')).map((event) => event instanceof WorkspaceCreated || event instanceof DefinitionApplied)).toEqual([true, true]);
    expect(await ask('streams/departures')).toMatchObject({ status: 200, body: { stream: 'departures', topic: `${workspace.prefix}.events.departures`, lanes: 1, schemaId: 1001, schema: { name: 'Departures' } } });
    expect(await ask('streams/planes')).toMatchObject({ status: 404, body: { hint: 'declared: arrivals, departures' } });
    const admin = new TopicAdmin(cluster);
    expect([...(await admin.topicOffsets(workspace.topic('predictions.<model>', { model }))).keys()]).toEqual([0, 1]);
    await admin.close();
  });

  it('gives a changed schema a new id and refuses to drop a model', async () => {
    expect(await apply(sets[1]!.json)).toMatchObject({ status: 201, body: { changed: true, schemas: [{ schemaId: 1000 }, { schemaId: 1001 }, { stream: 'arrivals', schemaId: 1002 }] } });
    expect((await ask('streams')).body).toMatchObject([{ stream: 'arrivals', schemaId: 1002 }, { stream: 'departures', schemaId: 1001 }]);
    expect(await apply(toCanonical({ wider, departures }, '2025b').json)).toMatchObject({ status: 409, body: { code: 'REFUSED', error: expect.stringContaining('model flight-delay') } });
  });

  it('issues a command once for its key, and none that could lead to nothing', async () => {
    expect(await rollBack('k0')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    await write('rollouts', ...first, ...second);
    const issued = await rollBack('k1');
    expect(issued).toMatchObject({ status: 202, body: { commandId: 'k1', kind: 'ROLL_BACK', model, version: 2, who: 'ann' } });
    expect(await rollBack('k1')).toEqual(issued);
    expect(await rollBack('k1', { kind: 'ABORT' })).toMatchObject({ status: 409 });
    expect(await rollBack('k2', { model: 'other' })).toMatchObject({ status: 404 });
    expect(await rollBack('k3', { version: 1.5 })).toMatchObject({ status: 400 });
    expect((await eventsOf('commands')).filter((event) => event instanceof CommandIssued)).toHaveLength(1);
  });

  it('has everything again after it was killed', async () => {
    await write('rollouts', routed(3, 'r2', [arm('CHAMPION', 2, 100)], 'held'), completed(2));
    await write('serving', adopted(0, 3), adopted(1, 2));
    await write('events-rejected', new EventRejected({ stream: 'arrivals', source: { topic: 't', partition: 0, offset: 1 }, offsets: 1, code: 'NOT_AVRO', reason: 'why', acceptedAt: 1, key: null, value: Buffer.from('x'), headers: {}, cuts: [] }));
    await app.end('SIGKILL');
    await start();
    const known = await until(async () => {
      const { body } = await ask('status');
      return body.models[0].epoch === 3 && body.rejected.total === 1 && body.models[0].adopted['1'] === 2 && body;
    }, { what: 'the state after a restart' });
    expect(known).toMatchObject({ workspace: { lanes: 1, slots: 2 }, definitionsHash: sets[1]!.hash, models: [{ name: model, champion: { version: 2 }, previous: { version: 1 }, rollout: null }], rejected: { byCode: { NOT_AVRO: 1 } } });
    expect(await ask(`models/${model}/adoption?epoch=3`)).toMatchObject({ body: { adopted: [0], missing: [1], done: false } });
    expect((await ask(`models/${model}/timeline`)).body.map((entry: { kind: string }) => entry.kind)).toEqual(expect.arrayContaining(['command-issued', 'route-changed', 'rollout-completed']));
    expect(await rollBack('k1')).toMatchObject({ status: 202, body: { version: 2 } });
    expect(await apply(sets[1]!.json)).toMatchObject({ status: 200 });
    expect(await eventsOf('commands')).toHaveLength(1);
  });
});
