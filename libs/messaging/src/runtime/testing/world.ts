import { DefinitionApplied, EventEncoder, WorkspaceCreated, decodeEvent, type Event } from '@millrace/contracts';
import { readTopic, testKafka, testWorkspace } from '@millrace/testing';
import type { Read } from '../../handlers/read.ts';
import { KafkaCluster, type KafkaClusterOptions } from '../../kafka/cluster.ts';
import { PlainProducer } from '../../kafka/plain-producer.ts';
import { TopicAdmin } from '../../kafka/topic-admin.ts';
import { TransactionalWriter } from '../../kafka/transactional-writer.ts';
import { topicsFor } from '../../topics.ts';
import { Workspace, type TopicOf } from '../../workspace.ts';
import { readTopics } from '../read-topics.ts';
import { ServiceRuntime, type RuntimeDeps, type ServicePlan } from '../service-runtime.ts';
import { MemorySnapshots } from './memory-snapshots.ts';

/** An event as an independent reader sees it. */
export interface Seen {
  readonly partition: number;
  readonly offset: number;
  readonly headers: Record<string, string>;
  readonly event: Event;
}

export const nothing: ServicePlan = { service: 'inference', batchSize: 100, streams: [], deciders: [], projections: [], jobs: [] };

/** A workspace of its own on the broker of the tests, with what a service needs to run in it. */
export class World {
  readonly brokers: string;
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly snapshots = new MemorySnapshots();
  readonly lines: string[] = [];
  readonly exits: number[] = [];
  private readonly encoder = new EventEncoder();
  private readonly producer: PlainProducer;
  private readonly runtimes: ServiceRuntime[] = [];

  private constructor(brokers: string, cluster: KafkaCluster, workspace: Workspace, producer: PlainProducer) {
    this.brokers = brokers;
    this.cluster = cluster;
    this.workspace = workspace;
    this.producer = producer;
  }

  static async open({ slots = 1, models = ['m'], streams = [] }: { slots?: number; models?: string[]; streams?: string[] } = {}): Promise<World> {
    const { brokers } = await testKafka();
    const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'test' });
    const world = new World(brokers, cluster, new Workspace({ prefix: testWorkspace(), lanes: 1, slots }), await PlainProducer.open(cluster));
    await world.create(models, streams);
    await world.post('definitions', new WorkspaceCreated({ lanes: 1, slots, createdAt: 0 }));
    await world.declare(models, streams);
    return world;
  }

  async create(models: string[], streams: string[] = []): Promise<void> {
    const admin = new TopicAdmin(this.cluster);
    await admin.ensureTopics(topicsFor(this.workspace, { streams, models }));
    await admin.close();
  }

  declare(models: string[], streams: string[] = []): Promise<number> {
    const definitions = JSON.stringify({ streams: streams.map((name) => ({ name })), models: models.map((name) => ({ name })) });
    return this.post('definitions', new DefinitionApplied({ hash: '', definitions, schemas: [], appliedAt: 0, by: 'test' }));
  }

  /** Writes events to partition 0; offset of the first. */
  post(topic: string, ...events: Event[]): Promise<number> {
    return this.postTo(topic, 0, ...events);
  }

  postTo(topic: string, partition: number, ...events: Event[]): Promise<number> {
    return this.postBytes(topic, partition, ...events.map((event) => this.encoder.encode(event)));
  }

  postBytes(topic: string, partition: number, ...values: Buffer[]): Promise<number> {
    return this.producer.send(this.topic(topic), partition, values.map((value) => ({ key: 'test', value })));
  }

  /** Writes events whose transaction is aborted. */
  async postAborted(topic: string, ...events: Event[]): Promise<void> {
    const id = { transactionalId: `${this.workspace.prefix}.aborted`, group: `${this.workspace.prefix}.aborted` };
    const writer = await TransactionalWriter.open(this.cluster, {
      ...id,
      pause: async (step) => {
        if (step === 'commit') throw new Error('ends before the commit');
      },
    });
    await writer.transact({ sends: [{ topic: this.topic(topic), partition: 0, messages: events.map((event) => ({ key: 'test', value: this.encoder.encode(event) })) }], offsets: [] }).catch(() => undefined);
    await (await TransactionalWriter.open(this.cluster, id)).close();
  }

  topic(name: string, of: TopicOf = { model: 'm' }): string {
    return this.workspace.topic(name, of);
  }

  /** What is committed, read by librdkafka. */
  async read(name: string, of?: TopicOf): Promise<Seen[]> {
    return (await readTopic({ brokers: this.brokers, topic: this.topic(name, of) })).map(({ partition, offset, headers, value }) => ({ partition, offset, headers, event: decodeEvent(value) }));
  }

  /** How many records a topic holds that can be read, control records not counted: by the client under test, for waiting only. */
  async ends(name: string, of: TopicOf = { model: 'm' }): Promise<number> {
    const inputs = Array.from({ length: this.workspace.slots }, (_, partition) => ({ name: this.topic(name, of), topic: name, partition }));
    return (await readTopics(this.cluster, name.includes('<model>') ? inputs : inputs.slice(0, 1))).length;
  }

  /** A service of this workspace, not started. */
  service(plan: Partial<ServicePlan>, deps: Partial<RuntimeDeps> = {}): ServiceRuntime {
    const say = (text: string): void => void this.lines.push(text);
    const runtime = new ServiceRuntime(
      { ...nothing, ...plan },
      { cluster: this.cluster, workspace: this.workspace, snapshots: this.snapshots, log: { info: say, warn: say, error: say }, now: Date.now, instance: 'test', sharing: 'static', exit: (code) => void this.exits.push(code), ...deps },
    );
    this.runtimes.push(runtime);
    return runtime;
  }

  async start(plan: Partial<ServicePlan>, deps?: Partial<RuntimeDeps>): Promise<ServiceRuntime> {
    const runtime = this.service(plan, deps);
    await runtime.start();
    return runtime;
  }

  /** Another way to the same broker. */
  clusterBy(options: Partial<KafkaClusterOptions>): KafkaCluster {
    return new KafkaCluster({ brokers: [this.brokers], clientId: 'test', ...options });
  }

  async close(): Promise<void> {
    await Promise.all(this.runtimes.map((runtime) => runtime.stop()));
    await this.producer.close();
    await this.cluster.close();
  }
}

/** Fails the steps of the transaction protocol that it is told to. */
export class FailPoint {
  /** Transactions that have ended by a commit. */
  commits = 0;
  private armed: string | undefined;

  arm(step: string): void {
    this.armed = step;
  }

  /** To be given as `pause`. */
  readonly pause = async (step: string): Promise<void> => {
    if (step === 'committed') this.commits++;
    if (step !== this.armed) return;
    this.armed = undefined;
    throw new Error(`fails at '${step}'`);
  };
}

/** Events of a batch, typed. */
export function* eventsOf<E extends Event>(batch: Iterable<Read>): Generator<E> {
  for (const { event } of batch) yield event as E;
}
