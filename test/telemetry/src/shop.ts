import { BundleStore } from '@millrace/archive';
import { DefinitionApplied, ModelLoaded, RolloutStarted, RouteChanged, WorkspaceCreated, boundedType, decodeEvent, firstStreamSchemaId, frameBytes, type Event } from '@millrace/contracts';
import { avroSchemaOf, parseDefinitions, toCanonical, type ModelDefinition } from '@millrace/definitions';
import { scoreLogistic, writeLogisticOnnx } from '@millrace/learning';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { publish, readTopic, testKafka, testWorkspace, until, type KafkaRecord } from '@millrace/testing';
import type { RecordedService } from './recorded-service.ts';
import * as definitions from './shop-definitions.ts';

export const model = 'late-payment';
const canonical = toCanonical({ ...definitions }, process.versions.tz ?? '');
const { streams, models } = parseDefinitions(canonical.json);
const declared = models[0] as ModelDefinition;
const schemas = streams.map((stream, index) => ({ stream: stream.name, schemaId: firstStreamSchemaId + index, schema: JSON.stringify(avroSchemaOf(stream)) }));
const types = new Map(schemas.map(({ stream, schemaId, schema }) => [stream, { schemaId, type: boundedType(JSON.parse(schema) as object) }]));

export const definitionHash = canonical.hash;
export type Traced = { readonly traceparent?: string };

/** A workspace of its own on the broker of the tests, with what stands around the services: definitions, producers, a first model. */
export class Shop {
  readonly workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 1 });
  readonly brokers: string;
  private readonly artifacts: string;
  private readonly cluster: KafkaCluster;
  private readonly producer: PlainProducer;

  private constructor(brokers: string, artifacts: string, cluster: KafkaCluster, producer: PlainProducer) {
    this.brokers = brokers;
    this.artifacts = artifacts;
    this.cluster = cluster;
    this.producer = producer;
  }

  static async open(artifacts: string): Promise<Shop> {
    const { brokers } = await testKafka();
    const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'test' });
    const shop = new Shop(brokers, artifacts, cluster, await PlainProducer.open(cluster));
    const admin = new TopicAdmin(cluster);
    await admin.ensureTopics(topicsFor(shop.workspace, { streams: streams.map(({ name }) => name), models: [model] }));
    await admin.close();
    await shop.publish('definitions', new WorkspaceCreated({ lanes: 1, slots: 1, createdAt: 0 }));
    await shop.publish('definitions', new DefinitionApplied({ hash: canonical.hash, definitions: canonical.json, schemas, appliedAt: 0, by: 'test' }));
    return shop;
  }

  get env(): Record<string, string> {
    return { KAFKA_BROKERS: this.brokers, ARTIFACTS_URL: this.artifacts, MILLRACE_WORKSPACE: this.workspace.prefix, MILLRACE_SLOTS: '1', MILLRACE_SEAL_MS: '200' };
  }

  /** Publishes an event as the service that owns it would. */
  async publish(topic: string, event: Event, headers: Traced = {}): Promise<void> {
    await publish(this.producer, { topic: this.topic(topic), key: model, headers: { ...headers } }, event);
  }

  /** Posts events of a stream as any producer would. */
  async post(stream: string, events: readonly object[], headers: Traced = {}): Promise<void> {
    const { schemaId, type } = types.get(stream)!;
    const framed = events.map((event) => {
      const value = Buffer.concat([Buffer.alloc(frameBytes), type.toBuffer(event)]);
      value.writeInt32BE(schemaId, 1);
      return { key: stream, value, headers: { ...headers } };
    });
    await this.producer.send(this.topic('events.<stream>', stream), 0, framed);
  }

  /** Committed records of a topic, read by librdkafka. */
  async records(topic: string): Promise<{ event: Event; headers: KafkaRecord['headers'] }[]> {
    return (await readTopic({ brokers: this.brokers, topic: this.topic(topic) })).map(({ value, headers }) => ({ event: decodeEvent(value), headers }));
  }

  /** The first record of an event class that fits, as soon as it is committed. */
  record<E extends Event>(topic: string, type: abstract new (...fields: never) => E, fits: (event: E) => boolean = () => true): Promise<{ event: E; headers: KafkaRecord['headers'] }> {
    const found = async () => (await this.records(topic)).find((record): record is { event: E; headers: KafkaRecord['headers'] } => record.event instanceof type && fits(record.event));
    return until(found, { what: `a ${type.name} in ${topic}`, timeoutMs: 60_000, everyMs: 100 });
  }

  /** Puts a model on the way and waits until `inference` answers by it. */
  async route(inference: RecordedService): Promise<void> {
    const names = declared.features.map(({ name }) => name);
    const encoding = { names, numeric: names.map((_, index) => ({ index, mean: 0, deviation: 1, indicator: false })), cyclic: [], oneHot: [], columns: names };
    const logistic = { coefficients: Float64Array.of(0.5, -0.25), intercept: 0.125 };
    const golden = { rows: [[1, 2]], scores: [...scoreLogistic(encoding, logistic, Float32Array.of(1, 2), 1)] };
    const signature = { input: 'features', output: 'score', features: names, featureSet: declared.featureSet, golden };
    const bundle = await new BundleStore(this.artifacts).put(new Map([['model.onnx', writeLogisticOnnx(encoding, logistic, names)], ['signature.json', Buffer.from(JSON.stringify(signature))]]));
    const rolloutId = `${model}@1`;
    await this.publish('rollouts', new RolloutStarted({ model, rolloutId, version: 1, bundle, previousVersion: null, previousBundle: null, steps: [100] }));
    await this.record('serving', ModelLoaded);
    await this.publish('rollouts', new RouteChanged({ model, rolloutId, epoch: 1, arms: [{ role: 'CHAMPION', version: 1, bundle, weight: 100 }], withdrawn: [], reason: 'first version' }));
    await until(async () => (await inference.json<{ slots: { adopted: { epoch: number } | null }[] }>('routes')).slots.every(({ adopted }) => adopted?.epoch === 1), { what: 'adoption of the first route', timeoutMs: 30_000 });
  }

  async close(): Promise<void> {
    await this.producer.close();
    await this.cluster.close();
  }

  private topic(name: string, stream?: string): string {
    return this.workspace.topic(name, { model, ...(stream === undefined ? {} : { stream }) });
  }
}
