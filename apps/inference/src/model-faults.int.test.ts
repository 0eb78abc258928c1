import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore } from '@millrace/archive';
import { DefinitionApplied, ModelLoadFailed, ModelLoaded, type PredictionMade, RolloutStarted, RouteAdopted, RouteChanged, VectorComputed, WorkspaceCreated, decodeEvent, slotOf, type Arm, type Event } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { armOf } from '@millrace/rollout';
import { logistic, logisticScore, slow } from '@millrace/scoring/testing';
import { ServiceProcess, publish, readEvents, readTopic, testKafka, testWorkspace, until } from '@millrace/testing';

const model = 'flight-delay';
/** Version 1 hangs at vectors that begin with 3,000, version 2 at all: its vectors do, in its own feature set. Version 3 is refused. */
const featureSets = [1, 2, 3].map((version) => createHash('sha256').update(`features ${version}`).digest('hex'));
const row = (n: number): number[] => [0, Math.fround(Math.sin(n)), Math.fround(Math.cos(n))];
const isPoison = (n: number): boolean => n === 150 || n === 151 || n === 420;

let brokers: string;
let artifacts: string;
let cluster: KafkaCluster;
let producer: PlainProducer;
let app: ServiceProcess;
let bundles: string[];
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 1 });
const vectors: VectorComputed[] = [];

const send = (topic: string, event: Event, partition = 0, key: string | Buffer = model): Promise<number> => publish(producer, { topic: workspace.topic(topic, { model }), key, partition }, event);
const said = async <E extends Event>(type: abstract new (...fields: never) => E): Promise<E[]> => readEvents({ brokers, topic: workspace.topic('serving') }, type);
const predictions = async (): Promise<PredictionMade[]> => (await readTopic({ brokers, topic: workspace.topic('predictions.<model>', { model }) })).map(({ value }) => decodeEvent(value) as PredictionMade);
const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: bundles[version - 1]!, weight });
const route = (epoch: number, rolloutId: string, arms: Arm[]): Promise<number> => send('rollouts', new RouteChanged({ model, rolloutId, epoch, arms, withdrawn: [], reason: 'test' }));
const start = (version: number): Promise<number> => send('rollouts', new RolloutStarted({ model, rolloutId: `${model}@${version}`, version, bundle: bundles[version - 1]!, previousVersion: null, previousBundle: null, steps: [100] }));

async function postVectors(count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, i) => {
    const n = vectors.length + i;
    const eventId = createHash('sha256').update(`event ${n}`).digest().subarray(0, 16);
    const [, ...rest] = row(n);
    const numeric = [[isPoison(n) ? 3000 : 0, ...rest], [3000, ...rest]];
    return new VectorComputed({ model, eventId, entityKeys: [], eventTime: 1_000_000 + n, acceptedAt: 2_000_000 + n, position: n, vectors: numeric.map((each, i) => ({ featureSet: featureSets[i]!, numeric: each, categorical: [] })) });
  });
  vectors.push(...made);
  for (const vector of made) await send('feature-vectors.<model>', vector, slotOf(vector.eventId, 0, 1), Buffer.from(vector.eventId));
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-model-faults-'));
  cluster = new KafkaCluster({ brokers: [brokers], clientId: 'test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  const store = new BundleStore(artifacts);
  const golden = { rows: [row(1), row(2)], scores: [row(1), row(2)].map(logisticScore) };
  bundles = await Promise.all(
    featureSets.map((featureSet, i) => store.put(new Map([['model.onnx', i < 2 ? slow() : logistic({ operators: { '': 999 } })], ['signature.json', Buffer.from(JSON.stringify({ input: 'features', output: 'score', features: ['a', 'b', 'c'], featureSet, golden }))]]))),
  );
  await send('definitions', new WorkspaceCreated({ lanes: 1, slots: 1, createdAt: 0 }));
  await send('definitions', new DefinitionApplied({ hash: 'h', definitions: JSON.stringify({ streams: [], models: [{ name: model }] }), schemas: [], appliedAt: 0, by: 'test' }));
  app = await ServiceProcess.start({ main: new URL('../dist/main.js', import.meta.url), environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix, MILLRACE_LANES: '1', MILLRACE_SLOTS: '1', MILLRACE_BATCH: '100', MILLRACE_SCORING_ROWS: '64', MILLRACE_SCORING_DEADLINE_MS: '700' } });
}, 120_000);

afterAll(async () => {
  if (app?.isRunning) await app.end('SIGKILL');
  await producer?.close();
  await cluster?.close();
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

describe('a model that loses its process', () => {
  it('costs the vectors that end it alone their score, in order and exactly once; a candidate that always does is withdrawn', async () => {
    await start(3);
    await until(async () => (await said(ModelLoadFailed)).length === 1, { what: 'refusal of version 3', timeoutMs: 30_000 });
    expect((await said(ModelLoadFailed))[0]).toMatchObject({ version: 3, code: 'MODEL_REFUSED', reason: expect.stringContaining('version 999') });

    await start(1);
    await until(async () => (await said(ModelLoaded)).length === 1, { what: 'version 1', timeoutMs: 30_000 });
    await route(1, `${model}@1`, [arm('CHAMPION', 1, 100)]);
    await until(async () => (await said(RouteAdopted)).length === 1, { what: 'epoch 1', timeoutMs: 30_000 });
    await postVectors(500);
    await until(async () => (await predictions()).length === 500, { what: '500 predictions', timeoutMs: 60_000, everyMs: 200 });
    for (const [n, prediction] of (await predictions()).entries()) {
      expect(prediction.position).toBe(n);
      if (isPoison(n)) expect(prediction).toMatchObject({ outcome: 'FAILED', score: null, failure: expect.stringContaining('SCORING_TIMEOUT'), version: 1 });
      else expect(prediction.score).toBeCloseTo(logisticScore(row(n)), 5);
    }

    await start(2);
    await until(async () => (await said(ModelLoaded)).length === 2, { what: 'version 2', timeoutMs: 30_000 });
    await route(2, `${model}@2`, [arm('CHAMPION', 1, 80), arm('CANARY', 2, 20)]);
    await until(async () => (await said(RouteAdopted)).length === 2, { what: 'epoch 2', timeoutMs: 30_000 });
    await postVectors(500);
    await until(async () => (await said(ModelLoadFailed)).length === 2, { what: 'withdrawal of version 2', timeoutMs: 60_000 });
    expect((await said(ModelLoadFailed))[1]).toMatchObject({ version: 2, rolloutId: `${model}@2`, code: 'MODEL_FAILING' });
    await until(async () => (await predictions()).length === 1000, { what: '1,000 predictions', timeoutMs: 60_000, everyMs: 200 });
    const all = await predictions();
    expect(all.map(({ position }) => position)).toEqual(vectors.map(({ position }) => position));
    for (const { position, eventId, version, outcome } of all.slice(500)) {
      expect([position, version]).toEqual([position, armOf(eventId, `${model}@2`, [arm('CHAMPION', 1, 80), arm('CANARY', 2, 20)]).version]);
      expect([position, outcome]).toEqual([position, version === 1 ? 'OK' : 'FAILED']);
    }
    const { models } = await app.json<{ models: { bundle: string; failing: boolean }[] }>('routes');
    expect(models.filter(({ failing }) => failing).map(({ bundle }) => bundle)).toEqual([bundles[1]]);
    expect(await app.end('SIGTERM')).toBe(0);
  }, 240_000);
});
