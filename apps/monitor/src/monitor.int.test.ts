import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ArmObserved, DefinitionApplied, LabelObserved, PerformanceReported, PredictionMade, RetrainRequested, VectorComputed, WorkspaceCreated, slotOf, type Event } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { ServiceProcess, publish, readEvents, testKafka, testWorkspace, until } from '@millrace/testing';

const main = new URL('../dist/main.js', import.meta.url);
const model = 'flight-delay';
const hour = 3_600_000;
const day = 24 * hour;
const perDay = 480;
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
let brokers: string;
let artifacts: string;
let producer: PlainProducer;
let app: ServiceProcess;

const write = (topic: string, event: Event, partition = 0): Promise<number> => publish(producer, { topic: workspace.topic(topic, { model }), key: model, partition }, event);
const idOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest().subarray(0, 16);
const timeOf = (n: number): number => Math.floor((n * day) / perDay);
/** Scores are 0.3 on average; what comes true is 0.3 but on the second day, when it is 0.5. */
const scoreOf = (n: number): number => Math.fround(0.1 + 0.4 * ((n % 10) / 9));
const valueOf = (n: number): 0 | 1 => ((n * 7) % 10 < (timeOf(n) >= day && timeOf(n) < 2 * day ? 5 : 3) ? 1 : 0);

/** What a slot receives of the events in [from, to); labels of the last hour before `to` are still to come. */
async function play(from: number, to: number, arm?: (n: number) => { version: number; role: 'CHAMPION' | 'CANARY'; epoch: number }): Promise<void> {
  const late = perDay / 24;
  for (let n = from; n < to + late; n++) {
    if (n < to) {
      const slot = slotOf(idOf(n), 0, 2);
      void write('feature-vectors.<model>', new VectorComputed({ model, eventId: idOf(n), entityKeys: [], eventTime: timeOf(n), acceptedAt: 0, position: 2 * n, vectors: [] }), slot);
      const answered = arm?.(n);
      if (answered) void write('predictions.<model>', new PredictionMade({ model, eventId: idOf(n), eventTime: timeOf(n), acceptedAt: 0, position: 2 * n, outcome: 'OK', score: scoreOf(n), failure: null, ...answered, bundle: String(answered.version).repeat(64), rolloutId: `r${answered.epoch}`, latencyMs: 1 }), slot);
    }
    const judged = n - late;
    if (judged >= from - late && judged >= 0 && judged < to - late)
      void write('labels.<model>', new LabelObserved({ model, eventId: idOf(judged), value: valueOf(judged), labelTime: timeOf(n), position: 2 * n + 1, laneTime: timeOf(n) }), slotOf(idOf(judged), 0, 2));
  }
  await until(() => producer.pending === 0, { what: 'all records to be written' });
}

async function start(): Promise<void> {
  app = await ServiceProcess.start({ main, environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix, MILLRACE_BATCH: '100' } });
}

const read = <E extends Event>(topic: string, type: abstract new (...fields: never) => E): Promise<E[]> => readEvents({ brokers, topic: workspace.topic(topic) }, type);
const said = <E extends Event>(topic: string, type: abstract new (...fields: never) => E, enough: (events: E[]) => boolean): Promise<E[]> =>
  until(async () => { const events = await read(topic, type); return enough(events) && events; }, { what: `${type.name} on ${topic}`, timeoutMs: 20_000, everyMs: 100 });

beforeAll(async () => {
  ({ brokers } = await testKafka());
  const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'monitor-test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-monitor-'));
  await write('definitions', new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
  const retrain = { when: [{ kind: 'labels', count: 200 }, { kind: 'miscalibrated', by: 0.1, overMs: day }], newLabels: 300, cooldownMs: 7 * day };
  const definitions = JSON.stringify({ streams: [], models: [{ name: model, label: { horizonMs: 6 * hour }, training: { minimumLabels: 100 }, rollout: { minimum: 50 }, retrain }] });
  await write('definitions', new DefinitionApplied({ hash: 'd', definitions, schemas: [], appliedAt: 0, by: 'ann' }));
  await start();
}, 300_000);

afterAll(async () => {
  await producer.close();
  expect(await app.end('SIGTERM')).toBe(0);
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

it('asks for the first training, judges days once, opens one episode and counts arms, over kills at any place', async () => {
  await play(0, perDay);
  const [first] = await said('retrain-requested', RetrainRequested, (events) => events.length > 0);
  expect(first).toMatchObject({ trigger: 'labels', newLabels: 200, championVersion: null, definitionHash: 'd' });

  const champion = (): { version: number; role: 'CHAMPION'; epoch: number } => ({ version: 1, role: 'CHAMPION', epoch: 1 });
  await play(perDay, perDay + 300, champion);
  await app.end('SIGKILL');
  await play(perDay + 300, 2 * perDay, champion);
  await start();
  await play(2 * perDay, 3 * perDay, champion);
  const [report] = await said('findings', PerformanceReported, (events) => events.length > 0);
  expect(report).toMatchObject({ version: 1, windowStart: day, predictions: perDay, labelled: perDay, violations: [expect.stringContaining('off by -0.2')] });
  expect(report!.rate).toBeCloseTo(0.5, 12);
  expect(report!.meanPrediction).toBeCloseTo(0.3, 3);
  const [, alarm] = await said('retrain-requested', RetrainRequested, (events) => events.length > 1);
  expect(alarm).toMatchObject({ trigger: 'miscalibrated', since: day, newLabels: 300, championVersion: 1, championBundle: '1'.repeat(64) });

  await app.end('SIGKILL');
  await start();
  await play(3 * perDay, 4 * perDay, (n) => (n % 2 === 0 ? { version: 1, role: 'CHAMPION', epoch: 2 } : { version: 2, role: 'CANARY', epoch: 2 }));
  const answered = (arm: ArmObserved): number => arm.slots.reduce((sum, { ok }) => sum + ok, 0);
  const arms = await said('findings', ArmObserved, (events) => ['CHAMPION', 'CANARY'].every((role) => events.some((arm) => arm.role === role && arm.epoch === 2 && answered(arm) === perDay / 2)));
  expect(arms.filter(({ epoch, role }) => epoch === 1 && role === 'CANARY')).toEqual([]);
  // The third day was calm, and nothing was said twice over the kills.
  const reports = await said('findings', PerformanceReported, (events) => events.length > 1);
  expect(reports.map(({ version, windowStart, violations }) => [version, windowStart, violations.length])).toEqual([[1, day, 1], [1, 2 * day, 0]]);
  expect(await read('retrain-requested', RetrainRequested)).toHaveLength(2);
  const performance = await app.json(`performance/${model}`);
  expect(performance).toMatchObject({ champion: { version: 1 }, days: [{ version: 1 }, { version: 1 }], labels: { unpredicted: perDay } });
  expect((await app.ask('performance/unknown')).status).toBe(404);
}, 120_000);
