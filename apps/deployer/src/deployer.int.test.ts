import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CommandIssued, DefinitionApplied, ModelLoaded, ModelVersionApproved, RolloutStarted, RouteAdopted, RouteChanged, WorkspaceCreated, classOf, type Event } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { ServiceProcess, publish, readEvents, testKafka, testWorkspace, until } from '@millrace/testing';

const main = new URL('../dist/main.js', import.meta.url);
const model = 'flight-delay';
const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
let brokers: string;
let artifacts: string;
let producer: PlainProducer;
let app: ServiceProcess;

const write = (topic: string, event: Event): Promise<number> => publish(producer, { topic: workspace.topic(topic), key: model }, event);
const rollouts = <E extends Event>(type?: abstract new (...fields: never) => E): Promise<E[]> => readEvents({ brokers, topic: workspace.topic('rollouts') }, type);
const approve = (version: number) => write('model-versions', new ModelVersionApproved({ model, version, bundle: `b${version}`, verdicts: [], approvedBy: 'gates' }));
const load = (version: number, rolloutId: string, slot: number) => write('serving', new ModelLoaded({ model, rolloutId, slot, version, bundle: `b${version}`, provider: 'cpu', instance: 'i' }));
const adopt = async (epoch: number) => {
  for (const slot of [0, 1]) await write('serving', new RouteAdopted({ model, rolloutId: '', slot, epoch, offset: 0, instance: 'i' }));
};

async function said<E extends Event>(type: abstract new (...fields: never) => E, wanted: (event: E) => boolean): Promise<E> {
  return until(async () => (await rollouts(type)).find(wanted), { what: `${type.name}`, timeoutMs: 20_000, everyMs: 50 });
}

async function start(): Promise<void> {
  app = await ServiceProcess.start({ main, environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix } });
}

beforeAll(async () => {
  ({ brokers } = await testKafka());
  const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'deployer-test' });
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [model] }));
  await admin.close();
  producer = await PlainProducer.open(cluster);
  artifacts = await mkdtemp(join(tmpdir(), 'millrace-deployer-'));
  await write('definitions', new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }));
  const definitions = JSON.stringify({ streams: [], models: [{ name: model, rollout: { steps: [25, 100], minimum: 500, maximumWaitMs: 600_000 } }] });
  await write('definitions', new DefinitionApplied({ hash: '', definitions, schemas: [], appliedAt: 0, by: 'ann' }));
  await start();
}, 300_000);

afterAll(async () => {
  await producer.close();
  expect(await app.end('SIGTERM')).toBe(0);
  await rm(artifacts, { recursive: true, force: true });
}, 30_000);

it('brings a second version to its first step over a kill that takes nothing it had heard, and rolls back by command', async () => {
  await approve(1);
  const first = await said(RolloutStarted, ({ version }) => version === 1);
  for (const slot of [0, 1]) await load(1, first.rolloutId, slot);
  await said(RouteChanged, ({ epoch }) => epoch === 1);
  await adopt(1);
  await approve(2);
  const second = await said(RolloutStarted, ({ version }) => version === 2);
  await load(2, second.rolloutId, 0);
  await until(async () => (await standing()).rollout?.waitsFor === '1 of 2 slots to load it', { what: 'the first of two slots' });
  await app.end('SIGKILL');
  await load(2, second.rolloutId, 1);
  await start();
  expect((await said(RouteChanged, ({ epoch }) => epoch === 2)).arms.map(({ version, weight }) => [version, weight])).toEqual([[1, 75], [2, 25]]);
  await write('commands', new CommandIssued({ commandId: 'c', kind: 'ROLL_BACK', model, version: 2, who: 'ann', why: 'a try', issuedAt: 0 }));
  expect(await said(RouteChanged, ({ epoch }) => epoch === 3)).toMatchObject({ withdrawn: [2], arms: [{ version: 1, weight: 100 }] });
  expect((await rollouts()).map((event) => classOf(event).stem)).toEqual(['rollout-started', 'route-changed', 'rollout-completed', 'rollout-started', 'route-changed', 'rollout-aborted', 'route-changed']);
  expect(await standing()).toMatchObject({ champion: { version: 1 }, epoch: 3, rollout: null });
}, 120_000);

async function standing(): Promise<{ rollout: { waitsFor: string } | null }> {
  const response = await app.ask(`rollouts/${model}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { rollout: { waitsFor: string } | null };
}
