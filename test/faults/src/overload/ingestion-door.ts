import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefinitionApplied, WorkspaceCreated, boundedType, firstStreamSchemaId, frameBytes } from '@millrace/contracts';
import { avroSchemaOf, parseDefinitions } from '@millrace/definitions';
import { EmbeddedKafka } from '@millrace/embedded';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { ServiceProcess, publish, readTopic, until } from '@millrace/testing';
import { canonical } from '../workload/encode-item.ts';

const { streams } = parseDefinitions(canonical.json);
const schemas = streams.map((stream, index) => ({ stream: stream.name, schemaId: firstStreamSchemaId + index, schema: JSON.stringify(avroSchemaOf(stream)) }));
const orderType = boundedType(JSON.parse(schemas.find(({ stream }) => stream === 'orders')!.schema) as object);

/** A broker and the process of ingestion alone, with the definitions of the fault runs. */
export class IngestionDoor {
  readonly kafka: EmbeddedKafka;
  readonly service: ServiceProcess;
  private readonly folder: string;
  private readonly workspace: Workspace;

  private constructor(kafka: EmbeddedKafka, service: ServiceProcess, folder: string, workspace: Workspace) {
    this.kafka = kafka;
    this.service = service;
    this.folder = folder;
    this.workspace = workspace;
  }

  /** @param nodeOptions for Node.js of the service */
  static async open(environment: NodeJS.ProcessEnv = {}, nodeOptions: string[] = []): Promise<IngestionDoor> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-overload-'));
    let kafka: EmbeddedKafka | undefined;
    try {
      kafka = await EmbeddedKafka.start({ dataDir: join(folder, 'kafka') });
      return await IngestionDoor.before(kafka, folder, environment, nodeOptions);
    } catch (error) {
      await kafka?.stop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private static async before(kafka: EmbeddedKafka, folder: string, environment: NodeJS.ProcessEnv, nodeOptions: string[]): Promise<IngestionDoor> {
    const workspace = new Workspace({ prefix: 'overload', lanes: 1, slots: 1 });
    const cluster = new KafkaCluster({ brokers: [kafka.brokers], clientId: 'overload' });
    const admin = new TopicAdmin(cluster);
    await admin.ensureTopics(topicsFor(workspace, { streams: streams.map(({ name }) => name), models: [] }));
    await admin.close();
    const producer = await PlainProducer.open(cluster);
    const events = [new WorkspaceCreated({ lanes: 1, slots: 1, createdAt: 0 }), new DefinitionApplied({ hash: canonical.hash, definitions: canonical.json, schemas, appliedAt: 0, by: 'overload' })];
    await publish(producer, { topic: workspace.topic('definitions'), key: 'definitions' }, ...events);
    await producer.close();
    await cluster.close();
    const service = await ServiceProcess.start({
      main: new URL('../../../../apps/ingestion/dist/main.js', import.meta.url),
      environment: { KAFKA_BROKERS: kafka.brokers, ARTIFACTS_URL: join(folder, 'artifacts'), MILLRACE_WORKSPACE: workspace.prefix, MILLRACE_SLOTS: '1', ...environment },
      nodeOptions,
      keepsOutput: true,
    });
    try {
      await until(async () => (await service.ask('events/orders', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' })).status === 400, { what: 'definitions at the door', timeoutMs: 30_000 });
    } catch (error) {
      await service.end('SIGKILL');
      throw error;
    }
    return new IngestionDoor(kafka, service, folder, workspace);
  }

  /** How often each order stands in `events.orders`, read by librdkafka. */
  async written(): Promise<Map<number, number>> {
    const records = await readTopic({ brokers: this.kafka.brokers, topic: this.workspace.topic('events.<stream>', { stream: 'orders' }), isolation: 'read_uncommitted' });
    const counts = new Map<number, number>();
    for (const { value } of records) {
      const { order } = orderType.fromBuffer(value!.subarray(frameBytes)) as { order: number };
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    return counts;
  }

  async close(): Promise<void> {
    try {
      await this.service.end('SIGTERM');
    } finally {
      await this.kafka.stop();
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
