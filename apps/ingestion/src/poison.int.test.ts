import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefinitionApplied, EventEncoder, EventIngested, EventRejected, WorkspaceCreated } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, TopicAdmin, Workspace, topicsFor } from '@millrace/messaging';
import { RawProducer, ServiceProcess, bomb, codecs, readEvents, recordBatch, recordsBody, testKafka, testWorkspace, until } from '@millrace/testing';
import avro from 'avsc';

const workspace = new Workspace({ prefix: testWorkspace(), lanes: 1, slots: 2 });
const orders = { type: 'record', name: 'Orders', fields: [{ name: 'order', type: 'long' }, { name: 'placedAt', type: 'long' }] };
const definitions = JSON.stringify({
  version: 1, timeZoneData: '2025b', entities: [], rowFeatures: [], views: [], models: [],
  streams: [{ name: 'orders', fields: [{ name: 'order', kind: 'whole' }, { name: 'placedAt', kind: 'instant' }], id: 'order', eventTime: 'placedAt', after: [] }],
});
const type = avro.Type.forSchema(orders as avro.Schema);
const framed = (order: number, schemaId = 1000): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(5), type.toBuffer({ order, placedAt: Date.UTC(2026, 0, 1) })]);
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
};
const good = (first: number, count: number) => Array.from({ length: count }, (_, i) => ({ key: Buffer.from('k'), value: framed(first + i) }));
const topic = workspace.topic('events.<stream>', { stream: 'orders' });

describe('hostile batches in the log of a stream', () => {
  let brokers: string;
  let artifacts: string;
  let service: ServiceProcess;
  let raw: RawProducer;

  const residentMb = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))![1]) / 1024;

  beforeAll(async () => {
    ({ brokers } = await testKafka());
    artifacts = await mkdtemp(join(tmpdir(), 'millrace-poison-'));
    const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'poison-test' });
    const admin = new TopicAdmin(cluster);
    await admin.ensureTopics(topicsFor(workspace, { streams: ['orders'], models: [] }));
    await admin.close();
    const producer = await PlainProducer.open(cluster);
    const encoder = new EventEncoder();
    const applied = new DefinitionApplied({ hash: 'h', definitions, schemas: [{ stream: 'orders', schemaId: 1000, schema: JSON.stringify(orders) }], appliedAt: 0, by: 'ann' });
    for (const event of [new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 }), applied]) await producer.send(workspace.topic('definitions'), 0, [{ key: 'definitions', value: encoder.encode(event) }]);
    await producer.close();
    raw = await RawProducer.open(brokers);
    service = await ServiceProcess.start({
      main: new URL('../dist/main.js', import.meta.url),
      environment: { KAFKA_BROKERS: brokers, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace.prefix },
    });
  }, 300_000);

  afterAll(async () => {
    raw.close();
    expect(await service.end('SIGTERM')).toBe(0);
    await rm(artifacts, { recursive: true, force: true });
  }, 30_000);

  it('have one outcome each, with their bytes; every good record around them is ingested, and memory stays bounded', async () => {
    const produce = async (batch: Buffer): Promise<number> => {
      const { errorCode, baseOffset } = await raw.produce(topic, 0, batch);
      expect(errorCode).toBe(0);
      return baseOffset;
    };
    const ingested = async (): Promise<EventIngested[]> => readEvents({ brokers, topic: workspace.topic('event-ingested') }, EventIngested);
    let posted = 0;
    const produceGood = async (): Promise<void> => {
      await produce(recordBatch({ records: good(posted, 20) }));
      posted += 20;
    };
    await produceGood();
    await until(async () => (await ingested()).length === posted, { what: 'the first good records', timeoutMs: 30_000, everyMs: 100 });
    const before = residentMb();

    // What a broker takes of all that is hostile: ADR 0009.
    const twice = recordsBody([{ value: Buffer.from('same offset') }]);
    const hostile: [string, number, Buffer][] = [
      ['COMPRESSED_BATCH_TOO_LARGE', 1, recordBatch(bomb('gzip', 400 << 20))],
      ['COMPRESSED_BATCH_TOO_LARGE', 1, recordBatch(bomb('zstd', 400 << 20))],
      ['COMPRESSED_BATCH_TOO_LARGE', 1, recordBatch(bomb('lz4', 100 << 20))],
      ['TOO_LARGE', 1, recordBatch(bomb('snappy', 20 << 20))],
      ['RECORD_BATCH_CORRUPT', 3, recordBatch({ body: Buffer.concat([gzipSync(recordsBody(good(1e6, 3))), Buffer.from('behind its end')]), codec: codecs.gzip, count: 3 })],
      ['RECORD_BATCH_CORRUPT', 2, recordBatch({ body: Buffer.concat([twice, twice]), count: 2 })],
      ['NOT_AVRO', 1, recordBatch({ records: [{ value: Buffer.from('garbage') }] })],
      ['UNKNOWN_SCHEMA', 1, recordBatch({ records: [{ value: framed(1, 7777) }] })],
      ['TOO_LARGE', 1, recordBatch({ records: [{ value: Buffer.alloc(1_000_000, 7), headers: [['traceparent', Buffer.alloc(20_000, 'x')]] }] })],
      ['NOT_AVRO', 1, recordBatch({ records: [{ key: Buffer.alloc(400_000, 1), value: Buffer.alloc(400_000, 2) }] })],
    ];
    const offsets: number[] = [];
    for (const round of [1, 2]) {
      for (const [, , batch] of hostile) {
        offsets.push(await produce(batch));
        await produceGood();
      }
      await until(async () => (await ingested()).length >= posted, { what: `the good records of round ${round}`, timeoutMs: 60_000, everyMs: 100 });
    }

    expect((await ingested()).map(({ payload }) => Number(type.fromBuffer(payload).order))).toEqual(Array.from({ length: posted }, (_, i) => i));
    const rejected = await readEvents({ brokers, topic: workspace.topic('events-rejected') }, EventRejected);
    expect(rejected.map(({ code, offsets: covers, source }) => [code, covers, source.offset])).toEqual([...hostile, ...hostile].map(([code, covers], i) => [code, covers, offsets[i]]));
    // A batch keeps everything behind the times and the checksum, which the broker sets.
    for (const [i, [code, , batch]] of hostile.entries()) {
      if (code !== 'RECORD_BATCH_CORRUPT' && code !== 'COMPRESSED_BATCH_TOO_LARGE') continue;
      expect(rejected[i]!.cuts).toEqual([]);
      expect(rejected[i]!.value!.subarray(43).equals(batch.subarray(43))).toBe(true);
    }
    expect(rejected[6]!.value).toEqual(Buffer.from('garbage'));
    expect(rejected[3]!.cuts).toMatchObject([{ part: 'value', bytes: 20 << 20 }]);
    expect(residentMb() - before).toBeLessThan(300);
  }, 180_000);
});
