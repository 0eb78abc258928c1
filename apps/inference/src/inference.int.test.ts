import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore } from '@millrace/archive';
import { DefinitionApplied, ModelLoadFailed, ModelLoaded, type PredictionMade, RolloutStarted, RouteAdopted, RouteChanged, VectorComputed, WorkspaceCreated, decodeEvent, slotOf, type Arm, type Event } from '@millrace/contracts';
import { scoreLogistic, writeLogisticOnnx } from '@millrace/learning';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { armOf } from '@millrace/rollout';
import { ServiceProcess, publish, readEvents, readTopic, testKafka, testWorkspace, until } from '@millrace/testing';

const model = 'flight-delay';
const main = new URL('../dist/main.js', import.meta.url);
const encoding = { names: ['x', 'y'], numeric: ['x', 'y'].map((_, index) => ({ index, mean: 0, deviation: 1, indicator: false })), cyclic: [], oneHot: [], columns: ['x', 'y'] };
/** Two versions that answer differently, each with a feature set of its own. */
const versions = [1, 2].map((version) => ({ version, featureSet: createHash('sha256').update(`features ${version}`).digest('hex'), logistic: { coefficients: Float64Array.of(version, -0.5), intercept: -version } }));

let brokers: string;
let artifacts: string;
let cluster: KafkaCluster;
let producer: PlainProducer;
let app: ServiceProcess | undefined;
let bundles: string[];
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
const vectors: VectorComputed[] = [];

const send = (topic: string, event: Event, partition = 0, key: string | Buffer = model): Promise<number> => publish(producer, { topic: workspace.topic(topic, { model }), key, partition }, event);
const sendVector = (vector: VectorComputed): Promise<number> => send('feature-vectors.<model>', vector, slotOf(vector.eventId, 0, 2), Buffer.from(vector.eventId));

/** Posts `count` vectors, each with a vector of both feature sets. */
async function postVectors(count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, i) => vectorOf(vectors.length + i));
  vectors.push(...made);
  await Promise.all(made.map(sendVector));
}

function vectorOf(n: number): VectorComputed {
  const eventId = createHash('sha256').update(`event ${n}`).digest().subarray(0, 16);
  const numeric = [Math.fround(Math.sin(n)), n % 10 === 0 ? NaN : Math.fround(Math.cos(n))];
  return new VectorComputed({ model, eventId, entityKeys: [], eventTime: 1_000_000 + n, acceptedAt: 2_000_000 + n, position: n, vectors: versions.map(({ featureSet }) => ({ featureSet, numeric, categorical: [] })) });
}

async function startApp(): Promise<ServiceProcess> {
  const environment = { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix, MILLRACE_BATCH: '300', MILLRACE_SCORING_ROWS: '128', MILLRACE_BUNDLE_PATIENCE_MS: '500' };
  return (app = await ServiceProcess.start({ main, environment }));
}

const said = async <E extends Event>(type: abstract new (...fields: never) => E, wanted: (event: E) => boolean = () => true): Promise<E[]> => (await readEvents({ brokers, topic: workspace.topic('serving') }, type)).filter(wanted);

async function written(): Promise<number> {
  const admin = new TopicAdmin(cluster);
  try {
    return [...(await admin.topicOffsets(workspace.topic('predictions.<model>', { model }))).values()].reduce((sum, { stable }) => sum + stable, 0);
  } finally {
    await admin.close();
  }
}

async function adopted(epoch: number): Promise<RouteAdopted[]> {
  return until(async () => {
    const found = await said(RouteAdopted, (event) => event.epoch === epoch);
    return new Set(found.map(({ slot }) => slot)).size === 2 && found;
  }, { what: `adoption of epoch ${epoch} by both slots`, timeoutMs: 30_000, everyMs: 100 });
}

async function stage(version: number): Promise<void> {
  await send('rollouts', new RolloutStarted({ model, rolloutId: `${model}@${version}`, version, bundle: bundles[version - 1]!, previousVersion: null, previousBundle: null, steps: [100] }));
  await until(async () => new Set((await said(ModelLoaded, (event) => event.version === version)).map(({ slot }) => slot)).size === 2, { what: `version ${version} in both slots`, timeoutMs: 30_000, everyMs: 100 });
}

const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: bundles[version - 1]!, weight });
const routes = new Map<number, RouteChanged>();
async function route(epoch: number, arms: Arm[], withdrawn: number[] = []): Promise<void> {
  const event = new RouteChanged({ model, rolloutId: `${model}@${arms.at(-1)!.version}`, epoch, arms, withdrawn, reason: 'test' });
  routes.set(epoch, event);
  await send('rollouts', event);
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-inference-'));
  cluster = new KafkaCluster({ brokers: [brokers], clientId: 'test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  const store = new BundleStore(artifacts);
  bundles = await Promise.all(
    versions.map(({ featureSet, logistic }) => {
      const golden = { rows: [[1, 2], [null, 0.5]], scores: [...scoreLogistic(encoding, logistic, Float32Array.of(1, 2, NaN, 0.5), 2)] };
      return store.put(new Map([['model.onnx', writeLogisticOnnx(encoding, logistic, encoding.names)], ['signature.json', Buffer.from(JSON.stringify({ input: 'features', output: 'score', features: encoding.names, featureSet, golden }))]]));
    }),
  );
  await send('definitions', new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
  await send('definitions', new DefinitionApplied({ hash: 'h', definitions: JSON.stringify({ streams: [], models: [{ name: model }] }), schemas: [], appliedAt: 0, by: 'test' }));
}, 240_000);

afterAll(async () => {
  if (app?.isRunning) await app.end('SIGKILL');
  await producer?.close();
  await cluster?.close();
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

describe('inference as a process', () => {
  it('predicts each vector from the first adopted offset on exactly once, by epochs that never decrease, whatever is killed in the middle', async () => {
    await postVectors(400);
    let service = await startApp();
    await until(async () => {
      const { loops } = await service.json<{ loops: { state: string; lag: Record<string, number> }[] }>('status');
      return loops.length === 2 && loops.every(({ state, lag }) => state === 'running' && lag[`feature-vectors.${model}`] === 0);
    }, { what: 'passing over of the first vectors', timeoutMs: 20_000 });

    await send('rollouts', new RolloutStarted({ model, rolloutId: 'missing', version: 9, bundle: 'f'.repeat(64), previousVersion: null, previousBundle: null, steps: [100] }));
    const failures = await until(async () => (await said(ModelLoadFailed)).length === 2 && said(ModelLoadFailed), { what: 'refusal of a missing bundle by both slots', timeoutMs: 20_000, everyMs: 100 });
    expect(failures.map(({ slot, version, code }) => [slot, version, code]).sort()).toEqual([[0, 9, 'BUNDLE_MISSING'], [1, 9, 'BUNDLE_MISSING']]);
    await stage(1);
    await route(1, [arm('CHAMPION', 1, 100)]);
    const first = new Map((await adopted(1)).map(({ slot, offset }) => [slot, offset]));

    // Posts go on until the last route is adopted; each life of the process ends while it writes.
    let posting = true;
    const poster = (async () => {
      while (posting || vectors.length < 8000) {
        await postVectors(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await stage(2);
    const changes = [
      () => route(2, [arm('CHAMPION', 1, 95), arm('CANARY', 2, 5)]),
      () => route(3, [arm('CHAMPION', 1, 50), arm('CANARY', 2, 50)]),
      () => route(4, [arm('CHAMPION', 1, 100)], [2]),
    ];
    for (const [life, change] of changes.entries()) {
      const before = await written();
      await until(async () => (await written()) > before + 300 * (life + 1), { what: 'more predictions', timeoutMs: 30_000, everyMs: 1 });
      await change();
      if (life === 1) await adopted(3);
      await service.end('SIGKILL');
      service = await startApp();
    }
    await adopted(4);
    const { slots, models } = await service.json<{ slots: { adopted: { epoch: number } }[]; models: { bundle: string; state: string; pid: number }[] }>('routes');
    expect(slots.map(({ adopted: { epoch } }) => epoch)).toEqual([4, 4]);
    process.kill(models.find(({ bundle }) => bundle === bundles[0])!.pid, 'SIGKILL');
    posting = false;
    await poster;
    await postVectors(200);
    const lateFailure = new VectorComputed({ ...vectorOf(vectors.length), vectors: [] });
    vectors.push(lateFailure);
    await sendVector(lateFailure);

    const source = (await readTopic({ brokers, topic: workspace.topic('feature-vectors.<model>', { model }) })).filter(({ partition, offset }) => offset >= first.get(partition)!);
    await until(async () => (await readTopic({ brokers, topic: workspace.topic('predictions.<model>', { model }) })).length >= source.length, { what: 'all predictions', timeoutMs: 60_000, everyMs: 200 });
    expect(await service.end('SIGTERM')).toBe(0);

    const records = await readTopic({ brokers, topic: workspace.topic('predictions.<model>', { model }) });
    for (const slot of [0, 1]) {
      const expected = source.filter(({ partition }) => partition === slot).map(({ key }) => key!.toString('hex'));
      const own = records.filter(({ partition }) => partition === slot);
      expect(own.map(({ key }) => key!.toString('hex'))).toEqual(expected);
      const epochs = own.map(({ value }) => (decodeEvent(value) as PredictionMade).epoch);
      expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
      expect(new Set(epochs).has(1) && new Set(epochs).has(4)).toBe(true);
    }
    const predictions = records.map(({ value }) => decodeEvent(value) as PredictionMade);
    const byId = new Map(vectors.map((vector) => [Buffer.from(vector.eventId).toString('hex'), vector]));
    for (const prediction of predictions) {
      const vector = byId.get(prediction.eventId.toString('hex'))!;
      const { rolloutId, arms } = routes.get(prediction.epoch)!;
      const { version, role } = armOf(prediction.eventId, rolloutId, arms);
      expect([prediction.version, prediction.role, prediction.rolloutId]).toEqual([version, role, rolloutId]);
      // Also those whose model process was killed: they are asked again.
      if (vector.vectors.length === 0) expect(prediction).toMatchObject({ outcome: 'FAILED', score: null, failure: expect.stringContaining('feature set') });
      else expect(Math.abs(prediction.score! - scoreLogistic(encoding, versions[version - 1]!.logistic, Float32Array.from(vector.vectors[0]!.numeric), 1)[0]!)).toBeLessThan(1e-6);
    }
    expect(predictions.filter(({ epoch, version }) => epoch === 3 && version === 2).length).toBeGreaterThan(0);
    expect(predictions.at(-2)!.outcome).toBe('OK'); // the model process was replaced
  }, 240_000);
});
