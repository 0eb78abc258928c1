import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore } from '@millrace/archive';
import { DefinitionApplied, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, WorkspaceCreated, type Event } from '@millrace/contracts';
import { scoreLogistic, writeLogisticOnnx } from '@millrace/learning';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { ServiceProcess, publish, readEvents, testDatabase, testKafka, testWorkspace, until } from '@millrace/testing';
import pg from 'pg';

const model = 'flight-delay';
const main = new URL('../dist/main.js', import.meta.url);
const encoding = { names: ['x'], numeric: [{ index: 0, mean: 0, deviation: 1, indicator: false }], cyclic: [], oneHot: [], columns: ['x'] };
const logistic = { coefficients: Float64Array.of(2), intercept: -1 };
const figures = { auc: 0.7, logLoss: 0.45, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };
const gates = [{ kind: 'at-least', metric: 'auc', limit: 0.6 }, { kind: 'better-than-champion', metric: 'logLoss' }, { kind: 'answers-in-runtime' }];

let brokers: string;
let database: URL;
let artifacts: string;
let cluster: KafkaCluster;
let producer: PlainProducer;
let app: ServiceProcess | undefined;
let road: { port: number; server: net.Server; sockets: Set<net.Socket> };
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });

const send = (topic: string, event: Event): Promise<number> => publish(producer, { topic: workspace.topic(topic), key: model }, event);

/** The way to the database: closed at first. */
async function buildRoad(): Promise<typeof road> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect(Number(database.port), database.hostname);
    for (const [from, to] of [[client, target], [target, client]] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { port: free, server, sockets };
}

async function startApp(): Promise<void> {
  const url = new URL(database);
  url.host = `127.0.0.1:${road.port}`;
  app = await ServiceProcess.start({ main, environment: { KAFKA_BROKERS: brokers, DATABASE_URL: url.href, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix } });
}

const ask = (path: string): Promise<Response> => app!.ask(path);
const json = <T = unknown>(path: string, method = 'GET'): Promise<T> => app!.json(path, { method });
const decided = (): Promise<Event[]> => readEvents({ brokers, topic: workspace.topic('model-versions') });

function trained(n: number, bundle: string, champion: typeof figures | null): ModelTrained {
  return new ModelTrained({
    model, training: `training ${n}`, bundle, modelHash: `hash ${n}`, featureSet: 'f', definitionHash: 'd', candidate: { ...figures, logLoss: 0.5 - n / 10 }, champion, championVersion: champion ? n - 1 : null, seconds: 1.5,
    dataset: { hash: `rows ${n}`, rows: 100 * n, holdoutRows: 20 * n, from: 1, to: 2, end: [{ slot: 0, position: n }] },
  });
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  database = new URL((await testDatabase()).url);
  road = await buildRoad();
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-registry-'));
  cluster = new KafkaCluster({ brokers: [brokers], clientId: 'test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  await send('definitions', new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
  await send('definitions', new DefinitionApplied({ hash: 'h', definitions: JSON.stringify({ streams: [], models: [{ name: model, gates }] }), schemas: [], appliedAt: 0, by: 'test' }));
}, 240_000);

afterAll(async () => {
  if (app?.isRunning) await app.end('SIGKILL');
  for (const socket of road?.sockets ?? []) socket.destroy();
  road?.server.close();
  await producer?.close();
  await cluster?.close();
  if (artifacts) await rm(artifacts, { recursive: true, force: true });
}, 30_000);

describe('registry as a process', () => {
  it('numbers and judges versions while the database is away', async () => {
    const scores = [...scoreLogistic(encoding, logistic, Float32Array.of(0.5), 1)];
    const bundle = await new BundleStore(artifacts).put(new Map([['model.onnx', writeLogisticOnnx(encoding, logistic, encoding.names)], ['signature.json', Buffer.from(JSON.stringify({ input: 'features', output: 'score', features: ['x'], featureSet: 'f', golden: { rows: [[0.5]], scores } }))]]));
    await startApp();
    await send('trainings', trained(1, bundle, null));
    await send('trainings', trained(1, bundle, null));
    await send('trainings', trained(2, bundle, { ...figures, auc: 0.9 }));
    await send('trainings', trained(3, bundle, { ...figures, logLoss: 0.1 }));
    const events = await until(async () => {
      const found = await decided();
      return found.length === 6 && found;
    }, { what: 'three versions and their verdicts', timeoutMs: 60_000, everyMs: 200 });
    expect(events.flatMap((event) => (event instanceof ModelVersionRegistered ? [event.version] : []))).toEqual([1, 2, 3]);
    expect(events.flatMap((event) => (event instanceof ModelVersionApproved ? [event.version] : [])).sort()).toEqual([1, 2]);
    expect(events.filter((event) => event instanceof ModelVersionRejected)).toMatchObject([{ version: 3, verdicts: [{ passed: true }, { passed: false, gate: 'better-than-champion logLoss', limit: 0.1 }, { passed: true, gate: 'answers-in-runtime' }] }]);

    const away = await ask('models');
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await away.json()).toMatchObject({ code: 'DATABASE_UNREACHABLE', retriable: true });
  }, 120_000);

  it('projects them once the database is there', async () => {
    road.server.listen(road.port, '127.0.0.1');
    await until(async () => (await json<{ pending: number[] }>(`models/${model}`)).pending.length === 0, { what: 'projection of the verdicts', timeoutMs: 30_000, everyMs: 100 });
    expect(await json('models')).toEqual([{ model, versions: 3, newestVersion: 3, newestApproved: 2, pending: [] }]);
    expect(await json(`models/${model}/versions/3`)).toMatchObject({
      version: 3, status: 'rejected', decidedBy: 'gates', dataset: { hash: 'rows 3', rows: 300 }, metrics: { auc: 0.7 }, championVersion: 2, championMetrics: { logLoss: 0.1 }, trainingSeconds: 1.5,
      verdicts: [{ gate: 'at-least auc', passed: true, value: 0.7, limit: 0.6 }, { passed: false, sentence: 'log loss 0.2 is not better than 0.1 of the champion, version 2, on the same 60 holdout rows' }, { passed: true }],
    });
    expect((await json<unknown[]>(`models/${model}/versions`)).length).toBe(3);
    expect((await ask(`models/${model}/versions/9`)).status).toBe(404);
    expect((await ask('models/nothing')).status).toBe(404);
  }, 60_000);

  it('shows by a rebuild that its rows are a function of the log, or how they are not', async () => {
    expect(await json('rebuild', 'POST')).toEqual({ differences: [], rows: 3, position: expect.any(Number) });

    const client = new pg.Client({ connectionString: database.href });
    await client.connect();
    try {
      await client.query(`UPDATE ${workspace.prefix}.model_version SET status = 'approved' WHERE version = 3`);
      expect(await json('rebuild', 'POST')).toMatchObject({ differences: [{ table: 'model_version', onlyInA: 1, onlyInB: 1 }], rows: 3 });
      await client.query(`UPDATE ${workspace.prefix}.model_version SET status = 'rejected' WHERE version = 3`);
      const { rows: schemas } = await client.query(`SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '${workspace.prefix}%'`);
      expect(schemas).toEqual([{ schema_name: workspace.prefix }]);
      const { rows: clocks } = await client.query(`SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND column_default IS NOT NULL AND table_name <> 'migrations'`, [workspace.prefix]);
      expect(clocks).toEqual([]);
    } finally {
      await client.end();
    }
  }, 60_000);

  it('goes on when the database is lost and comes back', async () => {
    await new Promise<void>((resolve) => {
      road.server.close(() => resolve());
      for (const socket of road.sockets) socket.destroy();
    });
    await until(async () => (await ask('models')).status === 503, { what: 'refusal while the database is away', timeoutMs: 20_000 });
    await send('trainings', trained(4, 'f'.repeat(64), null));
    await until(async () => (await decided()).length === 7, { what: 'registration without a database', timeoutMs: 30_000, everyMs: 100 });
    road.server.listen(road.port, '127.0.0.1');
    await until(async () => (await json<{ newestVersion: number }>(`models/${model}`)).newestVersion === 4, { what: 'projection after the return', timeoutMs: 30_000, everyMs: 100 });
    expect(await json(`models/${model}`)).toMatchObject({ pending: [4], newestApproved: 2 }); // its bundle is missing: no verdict
  }, 90_000);

  it('has the same rows when the whole database is lost', async () => {
    expect(await app!.end('SIGTERM')).toBe(0);
    const client = new pg.Client({ connectionString: database.href });
    await client.connect();
    await client.query(`DROP SCHEMA ${workspace.prefix} CASCADE`);
    await client.end();
    await startApp();
    await until(async () => (await json<{ pending: number[] }>(`models/${model}`)).pending.includes(4), { what: 'projection from the beginning', timeoutMs: 30_000, everyMs: 100 });
    expect(await json(`models/${model}/versions/3`)).toMatchObject({ status: 'rejected' });
    expect(await json('rebuild', 'POST')).toMatchObject({ differences: [], rows: 4 });
  }, 60_000);
});
