import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BundleStore, SegmentWriter, labelColumns, vectorColumns, type SegmentColumns } from '@millrace/archive';
import { DefinitionApplied, ModelTrained, RetrainRequested, TrainingFailed, TrainingStarted, WorkspaceCreated, classOf, type Event } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor, type JobProgress } from '@millrace/messaging';
import { ServiceProcess, publish, readEvents, testKafka, testWorkspace, until } from '@millrace/testing';

const main = new URL('../dist/main.js', import.meta.url);
const model = 'm';
const featureSet = 'f'.repeat(64);
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
let brokers: string;
let artifacts: string;
let producer: PlainProducer;
let app: ServiceProcess;

const write = (topic: string, event: Event): Promise<number> => publish(producer, { topic: workspace.topic(topic), key: model }, event);
const request = (episode: string, newLabels: number): RetrainRequested =>
  new RetrainRequested({ model, episode, trigger: 'labels', evidence: ['enough'], since: 0, newLabels, championVersion: null, championBundle: null, definitionHash: 'd' });
const trainings = <E extends Event>(type?: abstract new (...fields: never) => E): Promise<E[]> => readEvents({ brokers, topic: workspace.topic('trainings') }, type);
const said = <E extends Event>(type: abstract new (...fields: never) => E): Promise<E> =>
  until(async () => (await trainings(type))[0], { what: type.name, timeoutMs: 30_000, everyMs: 100 });

async function start(): Promise<void> {
  app = await ServiceProcess.start({ main, environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix } });
}
const jobs = async (): Promise<JobProgress[]> => (await app.json<{ jobs: JobProgress[] }>('status')).jobs;

/** What feature-store archives of the events in [from, to). */
async function archive(from: number, to: number): Promise<void> {
  for (const slot of [0, 1]) {
    const own = Array.from({ length: to - from }, (_, n) => from + n).filter((n) => n % 2 === slot);
    const idOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest().subarray(0, 16);
    const valueOf = (n: number): number => idOf(n)[0]! / 256;
    await append('feature-vectors.<model>', slot, vectorColumns, own.map((n) => ({ eventId: idOf(n), entityKeys: [], eventTime: n, acceptedAt: 0, position: n, vectors: [{ featureSet, numeric: [valueOf(n)], categorical: [] }] })));
    await append('labels.<model>', slot, labelColumns, own.map((n) => ({ eventId: idOf(n), value: Number(idOf(n)[1]! / 256 < valueOf(n)), labelTime: n, position: n, laneTime: n })));
  }
}
async function append<Value>(topic: string, partition: number, columns: SegmentColumns<Value>, values: Value[]): Promise<void> {
  const writer = await SegmentWriter.open(artifacts, { topic: workspace.topic(topic, { model }), partition, columns, sealAgeMs: 0, now: () => 0 });
  const at = writer.nextOffset();
  await writer.append(at, values.map((value, n) => ({ offset: at + n, value })), at + values.length);
  await writer.seal();
  await writer.close();
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'trainer-test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-trainer-'));
  const definition = {
    name: model, predicts: 's', features: [{ name: 'x', feature: 's.x' }], featureSet, label: { from: 'l', judges: 'id', value: 'late', horizonMs: 1000, absent: 'unknown' },
    learner: { kind: 'logistic-regression', C: 1, encode: {} }, training: { windowMs: 1_000_000, holdout: 0.2, minimumLabels: 100, seed: 1 },
  };
  await write('definitions', new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
  await write('definitions', new DefinitionApplied({ hash: 'd', definitions: JSON.stringify({ streams: [], models: [definition] }), schemas: [], appliedAt: 0, by: 'ann' }));
  await start();
}, 300_000);

afterAll(async () => {
  await producer.close();
  expect(await app.end('SIGTERM')).toBe(0);
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

it('trains once per request, over a kill of the service while its job waits', async () => {
  await archive(0, 300);
  await write('retrain-requested', request('e1', 400));
  await write('retrain-requested', request('e1', 400));
  await said(TrainingStarted);
  const isWaiting = async (): Promise<boolean> => (await jobs()).some(({ id, text, waiting }) => id === 'e1' && waiting && text === 'waiting for 100 of 400 labels');
  await until(isWaiting, { what: 'the job to wait', timeoutMs: 20_000 });
  const [{ pid }] = (await jobs()) as [JobProgress];
  await app.end('SIGKILL');
  await until(() => isGone(pid!), { what: 'the job to end with its service' });
  await start();
  await until(isWaiting, { what: 'the job to wait again', timeoutMs: 20_000 });
  await archive(300, 500);
  const trained = await said(ModelTrained);
  expect(trained).toMatchObject({ model, training: 'e1', dataset: { rows: 400, holdoutRows: 80, end: [{ slot: 0, position: 398 }, { slot: 1, position: 399 }] } });
  expect((await new BundleStore(artifacts).open(trained.bundle)).names).toContain('model.onnx');

  await write('retrain-requested', request('e2', 50));
  expect(await said(TrainingFailed)).toMatchObject({ training: 'e2', code: 'TRAINING_TOO_SMALL', reason: expect.stringContaining('50 labelled rows'), retriable: false });
  expect((await trainings()).map((event) => classOf(event).stem)).toEqual(['training-started', 'model-trained', 'training-started', 'training-failed']);
  expect(await jobs()).toEqual([]);
}, 120_000);

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
