import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DefinitionApplied, EventEncoder, EventIngested, EventRejected, LabelObserved, PredictionMade, VectorComputed, eventIdOf, type Event,
} from '@millrace/contracts';
import { toCanonical, type DefinitionSet } from '@millrace/definitions';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { testKafka, testWorkspace } from '@millrace/testing';
import { defineModel, defineRowFeatures, defineStream, instant, logisticRegression, row, cel, whole, avroSchemaOf } from '@millrace/definitions';
import { PostEncoder } from '../poster/encode-post.ts';
import { judge } from './all-checks.ts';
import { collectHistory } from './collect-history.ts';
import type { Evidence } from './evidence.ts';
import { evidenceOf, goldenOf } from './evidence.fixture.ts';
import { PostedIds } from './posted-ids.ts';

const outcomes = defineStream('outcomes', { fields: { flight: whole(), at: instant(), late: whole() }, id: 'flight', eventTime: 'at' });
const flights = defineStream('flights', { fields: { flight: whole(), at: instant() }, id: 'flight', eventTime: 'at', after: [outcomes] });
const features = defineRowFeatures(flights, (f) => ({ number: row(f.flight) }));
const model = defineModel('m', {
  predicts: flights, features, label: { from: outcomes, judges: 'flight', value: cel`${outcomes.late} > 0`, horizon: '1h', absent: 'unknown' },
  learner: logisticRegression({ C: 1, encode: {} }), training: { window: '1d', holdout: 0.2, minimumLabels: 10, seed: 1 }, gates: [],
  rollout: { steps: [100], minimum: 1, maximumWait: '1m' }, retrain: { when: [], newLabels: 0, cooldown: '1d' },
});

/** What a small run left in the log: flights 1 to 3, predicted from 2 on; what is wrong with it is its caller's. */
describe('a report on a real log', () => {
  const { json, hash } = toCanonical({ outcomes, flights, model }, 'test');
  const set = JSON.parse(json) as DefinitionSet;
  const schemas = set.streams.map((stream, n) => ({ stream: stream.name, schemaId: 1000 + n, schema: JSON.stringify(avroSchemaOf(stream)) }));
  const applied = new DefinitionApplied({ hash, definitions: json, schemas, appliedAt: 0, by: 'test' });
  const encoders = new Map(schemas.map(({ stream, schemaId, schema }) => [stream, new PostEncoder({ stream, topic: stream, lanes: 1, schemaId, schema: JSON.parse(schema) as object })]));
  const events = new EventEncoder();
  let cluster: KafkaCluster;

  beforeAll(async () => {
    cluster = new KafkaCluster({ brokers: [(await testKafka()).brokers], clientId: 'report-test' });
  }, 300_000);
  afterAll(() => cluster.close());

  /** Writes the log with a change and collects it. */
  async function collected(change: Partial<Record<'vectors' | 'labels' | 'predictions' | 'junk', number[]>> = {}): Promise<Evidence> {
    const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
    const admin = new TopicAdmin(cluster);
    await admin.ensureTopics(topicsFor(workspace, { streams: ['outcomes', 'flights'], models: ['m'] }));
    await admin.close();
    const producer = await PlainProducer.open(cluster);
    const write = async (topic: string, values: Buffer[]): Promise<void> => {
      if (values.length > 0) await producer.send(topic, 0, values.map((value) => ({ key: 'k', value })));
    };
    const posted = (stream: string, flight: number): Buffer => encoders.get(stream)!.encode({ flight, at: 0, late: 1 });
    const encoded = (of: (flight: number) => Event, which: number[]): Buffer[] => which.map((flight) => Buffer.from(events.encode(of(flight))));
    const source = { topic: workspace.topic('events.<stream>', { stream: 'flights' }), partition: 0, offset: 3 };
    const ingested = (stream: string, flight: number): Event => {
      const { schemaId } = schemas.find((each) => each.stream === stream)!;
      return new EventIngested({ stream, eventId: eventIdOf(stream, flight), eventTime: 0, acceptedAt: 0, source, schemaId, payload: posted(stream, flight).subarray(5) });
    };
    const eventId = (flight: number): Buffer => eventIdOf('flights', flight);
    await write(source.topic, [...[1, 2, 3].map((flight) => posted('flights', flight)), ...(change.junk ?? [0]).map(() => Buffer.from('no avro'))]);
    await write(workspace.topic('events.<stream>', { stream: 'outcomes' }), [1, 2].map((flight) => posted('outcomes', flight)));
    await write(workspace.topic('events-rejected'), encoded(() => new EventRejected({ stream: 'flights', source, offsets: 1, code: 'NOT_AVRO', reason: '', acceptedAt: 0, key: null, value: null, headers: {}, cuts: [] }), [0]));
    await write(workspace.topic('event-ingested'), [...encoded((flight) => ingested('flights', flight), [1, 2, 3]), ...encoded((flight) => ingested('outcomes', flight), [1, 2])]);
    await write(workspace.topic('feature-vectors.<model>', { model: 'm' }), encoded((flight) => new VectorComputed({ model: 'm', eventId: eventId(flight), entityKeys: [], eventTime: 0, acceptedAt: 0, position: 0, vectors: [] }), change.vectors ?? [1, 2, 3]));
    await write(workspace.topic('labels.<model>', { model: 'm' }), encoded((flight) => new LabelObserved({ model: 'm', eventId: eventId(flight), value: 1, labelTime: 0, position: 0, laneTime: 0 }), change.labels ?? [1, 2]));
    const prediction = (flight: number): Event =>
      new PredictionMade({ model: 'm', eventId: eventId(flight), eventTime: 0, acceptedAt: Date.now(), position: 0, outcome: 'OK', score: 0.5, failure: null, role: 'CHAMPION', version: 1, bundle: '', epoch: 1, rolloutId: '', latencyMs: 0 });
    await write(workspace.topic('predictions.<model>', { model: 'm' }), encoded(prediction, change.predictions ?? [2, 3]));
    await producer.close();
    const golden = goldenOf(1);
    return { ...evidenceOf(), ...(await collectHistory({ cluster, workspace, model: set.models[0]!, golden, ids: new PostedIds(applied, 'm'), firstRouted: new Map([[0, 1]]) })) };
  }

  const failed = async (change: Parameters<typeof collected>[0]): Promise<string[]> =>
    judge(await collected(change), { from: Date.UTC(2001, 3, 1), to: Date.UTC(2001, 3, 1), hold: false, paced: false }).checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);

  it('finds nothing wrong with a good one, counts it, and knows what was rejected', async () => {
    const evidence = await collected();
    expect(evidence.history.totals).toEqual({ posted: 3, ingested: 3, vectors: 3, due: 2, predictions: 2, outcomePosted: 2, outcomeIngested: 2, labels: 2 });
    expect(evidence.rejected).toEqual(new Map([['NOT_AVRO', 1]]));
    expect(evidence.latency.quantile(1)).toBeLessThan(60_000);
    expect(await failed({})).toEqual([]);
  });

  it('finds what is lost and doubled on the way', async () => {
    expect(await failed({ vectors: [1, 2] })).toEqual(['lost: 1 events without vector', 'unasked: undefined']);
    expect(await failed({ labels: [1, 2, 2] })).toEqual(['doubled: 1 labels']);
    expect(await failed({ predictions: [3] })).toEqual(['lost: 1 vectors without prediction']);
    expect(await failed({ predictions: [2, 3, 3] })).toEqual(['doubled: 1 predictions']);
    expect(await failed({ junk: [0, 0] })).toEqual(['lost: 1 posted records that were neither accepted nor rejected']);
  });
});
