import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, FaultProxy, RawProducer, bomb, readTopic, recordBatch, testKafka } from '@millrace/testing';
import type { KafkaCluster } from './cluster.ts';
import { PartitionReader } from './partition-reader.ts';
import { freshName, freshTopic, messages, pollUntil, readAll, recordsOf, testCluster, textsOf } from './testing/broker.ts';
import { TopicAdmin } from './topic-admin.ts';
import { TransactionalWriter } from './transactional-writer.ts';
import { PlainProducer } from './plain-producer.ts';

let cluster: KafkaCluster;
let producer: PlainProducer;
let brokers: string;

beforeAll(async () => {
  cluster = await testCluster();
  ({ brokers } = await testKafka());
  producer = await PlainProducer.open(cluster);
}, 240_000);
afterAll(async () => {
  await producer.close();
  await cluster.close();
});

describe('PartitionReader', () => {
  it('reads several inputs by one request each time, and says where the end is', async () => {
    const [a, b] = await Promise.all([freshTopic(cluster, 'a', 2), freshTopic(cluster, 'b')]);
    await producer.send(a, 1, messages('1', '2', '3'));
    const reader = await PartitionReader.open(cluster, [{ topic: a, partition: 0, offset: 0 }, { topic: a, partition: 1, offset: 1 }, { topic: b, partition: 0, offset: 0 }]);
    const batches = await pollUntil(reader, (got) => got.some(({ records }) => records.length > 0));
    const last = batches.at(-1)!;
    expect(batches.filter(({ fetch }) => fetch === last.fetch)).toHaveLength(3);
    const [full] = batches.filter(({ records }) => records.length > 0);
    expect(full).toMatchObject({ topic: a, partition: 1, next: 3, atEnd: true, highWatermark: 3, lastStableOffset: 3, logStartOffset: 0 });
    expect(textsOf(full!.records)).toEqual(['2', '3']);
    expect(full!.records[0]).toMatchObject({ offset: 1, key: Buffer.from('key-2') });
    expect(Math.abs(full!.records[0]!.timestamp - Date.now())).toBeLessThan(60_000);

    const later = await reader.poll({ maxWaitMs: 0 });
    expect(later.every(({ fetch, atEnd, records }) => fetch > full!.arrived && atEnd && records.length === 0)).toBe(true);
    await reader.close();
  });

  it('sees a record soon after it is written, and leaves a paused input out', async () => {
    const topic = await freshTopic(cluster, 'live', 2);
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0 }, { topic, partition: 1, offset: 0 }]);
    reader.pause(topic, 0);
    const polled = pollUntil(reader, (got) => recordsOf(got).length > 0);
    await producer.send(topic, 0, messages('paused'));
    const started = performance.now();
    await producer.send(topic, 1, messages('live'));
    expect(textsOf(recordsOf(await polled))).toEqual(['live']);
    expect(performance.now() - started).toBeLessThan(1000);
    reader.resume(topic, 0);
    expect(textsOf(recordsOf(await pollUntil(reader, (got) => recordsOf(got).length > 0)))).toEqual(['paused']);
    reader.seek(topic, 1, 0);
    expect(textsOf(recordsOf(await pollUntil(reader, (got) => recordsOf(got).length > 0)))).toEqual(['live']);
    expect([reader.position(topic, 0), reader.position(topic, 1)]).toEqual([1, 1]);
    await reader.close();
  });

  it('stops before an open transaction and counts that as the end', async () => {
    const topic = await freshTopic(cluster, 'open');
    let commit = (): void => undefined;
    let reached = (): void => undefined;
    const atCommit = new Promise<void>((resolve) => (reached = resolve));
    const mayCommit = new Promise<void>((resolve) => (commit = resolve));
    const writer = await TransactionalWriter.open(cluster, { transactionalId: freshName('writer'), group: 'none', pause: async (step) => { if (step === 'commit') { reached(); await mayCommit; } } });
    await producer.send(topic, 0, messages('before'));
    const committing = writer.transact({ sends: [{ topic, partition: 0, messages: messages('in transaction') }], offsets: [] });
    await atCommit;
    await producer.send(topic, 0, messages('after'));
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0 }]);
    const [batch] = await pollUntil(reader, (got) => recordsOf(got).length > 0);
    expect(batch).toMatchObject({ next: 1, atEnd: true, lastStableOffset: 1, highWatermark: 3 });
    commit();
    await committing;
    const rest = await pollUntil(reader, (got) => recordsOf(got).length >= 2);
    expect(textsOf(recordsOf(rest))).toEqual(['in transaction', 'after']);
    // The marker is behind the last record.
    await pollUntil(reader, () => reader.position(topic, 0) === 4);
    await Promise.all([reader.close(), writer.close()]);
  });

  // kafkajs's own filter lets aborted records through when transactions of several producers interleave.
  it.each([1 << 20, 400])('shows no aborted record of four interleaving producers, at %d bytes per fetch', async (maxBytesPerPartition) => {
    const topic = await freshTopic(cluster, 'storm');
    const committed: string[] = [];
    const storm = async (writer: number): Promise<void> => {
      const { producer: own } = cluster.transactionalProducer(freshName('storm'), 10_000);
      await own.connect();
      for (let round = 0; round < 25; round++) {
        const transaction = await own.transaction();
        const texts: string[] = [];
        for (let i = 0; i < 1 + ((writer + round) % 3); i++) {
          const text = `${writer}-${round}-${i}`;
          texts.push(text);
          await transaction.send({ topic, acks: -1, messages: [{ key: round % 5 === 0 ? Buffer.alloc(4) : text, value: text, partition: 0 }] });
        }
        const keeps = (writer * 7 + round * 3) % 5 > 1;
        await (keeps ? transaction.commit() : transaction.abort());
        if (keeps) committed.push(...texts);
      }
      await own.disconnect();
    };
    await Promise.all([0, 1, 2, 3].map(storm));
    const seen = textsOf(await readAll(cluster, topic, 0, { maxBytesPerPartition }));
    expect(seen).toHaveLength(committed.length);
    expect([...seen].sort()).toEqual([...committed].sort());
    const independent = (await readTopic({ brokers, topic })).map(({ value }) => String(value));
    expect(seen).toEqual(independent);
  });

  it('names the first offset that is left when the one asked for was deleted', async () => {
    const topic = await freshTopic(cluster, 'deleted');
    await producer.send(topic, 0, messages('1', '2', '3', '4'));
    const admin = new TopicAdmin(cluster);
    await admin.deleteRecords([{ topic, partition: 0, offset: 3 }]);
    const below = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 1 }]);
    await expect(below.poll()).rejects.toMatchObject({ code: 'BELOW_LOG_START', low: 3, high: 4, offset: 1, topic, partition: 0 });
    const beyond = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 9 }]);
    await expect(beyond.poll()).rejects.toMatchObject({ code: 'BEYOND_LOG_END' });
    await Promise.all([below.close(), beyond.close(), admin.close()]);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads what other clients compress with %s', async (codec) => {
    const topic = await freshTopic(cluster, codec);
    const sent = Array.from({ length: 500 }, (_, i) => `${i} ${'one two '.repeat(i % 90)}`);
    execFileSync('kcat', ['-P', '-b', brokers, '-t', topic, '-p', '0', '-z', codec], { input: `${sent.join('\n')}\n` });
    expect(textsOf(await readAll(cluster, topic))).toEqual(sent);
  });

  it('brings a bomb as one poison record where that is asked for, and stops at it elsewhere', async () => {
    const topic = await freshTopic(cluster, 'bomb');
    const hostile = recordBatch(bomb('zstd', 100 << 20));
    const raw = await RawProducer.open(brokers);
    await producer.send(topic, 0, messages('before'));
    expect(await raw.produce(topic, 0, hostile)).toEqual({ errorCode: 0, baseOffset: 1 });
    raw.close();
    await producer.send(topic, 0, messages('behind'));
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0, keepsPoison: true }]);
    const read = recordsOf(await pollUntil(reader, () => reader.position(topic, 0) === 3));
    await reader.close();
    expect(read.map(({ offset, poison }) => [offset, poison?.code, poison?.offsets])).toEqual([[0, undefined, undefined], [1, 'COMPRESSED_BATCH_TOO_LARGE', 1], [2, undefined, undefined]]);
    // From the attributes on, but for the times, it is what was produced; before them stands what the broker sets.
    expect(read[1]!.value!.subarray(43)).toEqual(hostile.subarray(43));
    await expect(readAll(cluster, topic)).rejects.toMatchObject({ code: 'COMPRESSED_BATCH_TOO_LARGE' });
  });

  it('finds damage on the disk of the broker, and the offsets that it covers', async () => {
    const topic = await freshTopic(cluster, 'damage');
    for (const texts of [['1', '2'], ['3', '4', '5'], ['6']]) await producer.send(topic, 0, messages(...texts));
    const segment = path.join(process.env['MILLRACE_TEST_RUN']!, 'kafka', 'logs', `${topic}-0`, '00000000000000000000.log');
    const bytes = readFileSync(segment);
    const at = 12 + bytes.readInt32BE(8);
    bytes[at + 80]! ^= 1;
    const file = openSync(segment, 'r+');
    writeSync(file, bytes, at + 80, 1, at + 80);
    closeSync(file);
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0, keepsPoison: true }]);
    const read = recordsOf(await pollUntil(reader, () => reader.position(topic, 0) === 6));
    await reader.close();
    expect(read.map(({ offset, poison }) => [offset, poison?.code, poison?.offsets])).toEqual([[0, undefined, undefined], [1, undefined, undefined], [2, 'RECORD_BATCH_CORRUPT', 3], [5, undefined, undefined]]);
    await expect(readAll(cluster, topic)).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT' });
  });

  it('goes on after its connections broke, without loss and without repetition', async () => {
    const topic = await freshTopic(cluster, 'cut');
    const proxy = await FaultProxy.start({ brokers, rules: [4, 8, 12, 16].map((nth) => ({ apiKey: ApiKey.fetch, nth, fault: 'drop-reply' })) });
    const troubles: number[] = [];
    const faulty = await testCluster({ socketFactory: proxy.socketFactory });
    const reader = await PartitionReader.open(faulty, [{ topic, partition: 0, offset: 0 }], { onTrouble: (_, attempt) => troubles.push(attempt), maxBytesPerPartition: 200 });
    const sent = Array.from({ length: 60 }, (_, i) => String(i));
    for (const text of sent) await producer.send(topic, 0, messages(text));
    const seen = textsOf(recordsOf(await pollUntil(reader, () => reader.position(topic, 0) === 60)));
    expect(seen).toEqual(sent);
    expect(troubles.length).toBe(4);
    await reader.close();
    await proxy.stop();
  });

  it('ends a waiting poll at once when it is closed', async () => {
    const topic = await freshTopic(cluster, 'closed');
    const reader = await PartitionReader.open(cluster, [{ topic, partition: 0, offset: 0 }]);
    const polled = reader.poll({ maxWaitMs: 20_000 });
    await expect(reader.poll()).rejects.toMatchObject({ code: 'READER_BUSY' });
    const started = performance.now();
    await reader.close();
    await expect(polled).rejects.toMatchObject({ code: 'READER_CLOSED' });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('says which topic or partition is missing', async () => {
    const topic = await freshTopic(cluster, 'one');
    await expect(PartitionReader.open(cluster, [{ topic, partition: 3, offset: 0 }])).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
    await expect(PartitionReader.open(cluster, [{ topic: 'no-such-topic', partition: 0, offset: 0 }])).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  });
});
