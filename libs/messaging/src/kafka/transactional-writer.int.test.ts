import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, FaultProxy, testKafka } from '@millrace/testing';
import type { KafkaCluster } from './cluster.ts';
import { freshName, freshTopic, messages, readAll, testCluster, textsOf } from './testing/broker.ts';
import type { TransactionFailed } from './transaction-failed.ts';
import { TransactionalWriter, type WriterOptions } from './transactional-writer.ts';

let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await testCluster();
}, 240_000);
afterAll(() => cluster.close());

const open = (id: string, options: Partial<WriterOptions> = {}, through = cluster) => TransactionalWriter.open(through, { transactionalId: id, group: `${id}.group`, ...options });
const failureOf = (work: Promise<unknown>) => work.then(() => { throw new Error('it did not fail'); }, (error: unknown) => error as TransactionFailed);

describe('TransactionalWriter', () => {
  it('writes several partitions and topics with the offsets of several inputs, and tells where', async () => {
    const [a, b, input] = await Promise.all([freshTopic(cluster, 'out-a', 2), freshTopic(cluster, 'out-b'), freshTopic(cluster, 'in', 2)]);
    const id = freshName('writer');
    const writer = await open(id);
    const inputs = [{ topic: input, partition: 0 }, { topic: input, partition: 1 }];
    expect([...(await writer.committed(inputs)).values()]).toEqual([{ offset: -1, metadata: undefined }, { offset: -1, metadata: undefined }]);

    const content = (from: number) => ({
      sends: [
        { topic: a, partition: 0, messages: messages(`a0-${from}`, `a0-${from + 1}`) },
        { topic: a, partition: 1, messages: messages(`a1-${from}`) },
        { topic: b, partition: 0, messages: [] },
        { topic: b, partition: 0, messages: [{ key: Buffer.from('k'), value: Buffer.from(`b-${from}`), headers: { traceparent: '00-1', raw: Buffer.from([7]) } }] },
      ],
      offsets: [{ topic: input, partition: 0, offset: from + 2, metadata: `mark ${from}` }, { topic: input, partition: 1, offset: from + 5 }],
    });
    expect(await writer.transact(content(0))).toEqual([
      { topic: a, partition: 0, baseOffset: 0, count: 2 },
      { topic: a, partition: 1, baseOffset: 0, count: 1 },
      { topic: b, partition: 0, baseOffset: 0, count: 1 },
    ]);
    // The commit marker of the first transaction takes an offset of its own.
    expect((await writer.transact(content(10)))[0]).toEqual({ topic: a, partition: 0, baseOffset: 3, count: 2 });
    await expect(writer.committed(inputs)).rejects.toMatchObject({ code: 'COMMITTED_READ_LATE' });
    await writer.close();

    const successor = await open(id);
    expect(Object.fromEntries(await successor.committed(inputs))).toEqual({ [`${input}/0`]: { offset: 12, metadata: 'mark 10' }, [`${input}/1`]: { offset: 15, metadata: undefined } });
    await successor.close();
    expect(textsOf(await readAll(cluster, a, 0))).toEqual(['a0-0', 'a0-1', 'a0-10', 'a0-11']);
    const [record] = await readAll(cluster, b, 0);
    expect({ ...record!.headers }).toEqual({ traceparent: Buffer.from('00-1'), raw: Buffer.from([7]) });
  });

  it('commits offsets alone, one transaction right after another', async () => {
    const input = await freshTopic(cluster, 'in');
    const id = freshName('writer');
    const writer = await open(id);
    for (let offset = 1; offset <= 20; offset++) await writer.transact({ sends: [], offsets: [{ topic: input, partition: 0, offset }] });
    await writer.close();
    const successor = await open(id);
    expect((await successor.committed([{ topic: input, partition: 0 }])).get(`${input}/0`)!.offset).toBe(20);
    await successor.close();
  });

  it('cuts what is too large for one request, and refuses a record that is too large by itself without dying', async () => {
    const topic = await freshTopic(cluster, 'large');
    const writer = await open(freshName('writer'));
    const large = Array.from({ length: 5 }, (_, i) => ({ key: String(i), value: Buffer.alloc(400_000, i) }));
    await expect(writer.transact({ sends: [{ topic, partition: 0, messages: [{ key: 'k', value: Buffer.alloc(950_000) }] }], offsets: [] })).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect((await writer.transact({ sends: [{ topic, partition: 0, messages: large }], offsets: [] })).map(({ baseOffset, count }) => [baseOffset, count])).toEqual([[0, 2], [2, 2], [4, 1]]);
    await writer.close();
    expect((await readAll(cluster, topic)).map(({ key }) => String(key))).toEqual(['0', '1', '2', '3', '4']);
  });

  it('gives up before sequence numbers run out, and fences nobody who has taken over meanwhile', async () => {
    const topic = await freshTopic(cluster, 'many');
    const id = freshName('writer');
    const write = (by: TransactionalWriter, text: string): Promise<unknown> => by.transact({ sends: [{ topic, partition: 0, messages: messages(`${text}-a`, `${text}-b`) }], offsets: [] });
    const writer = await open(id, { mostRecords: 3 });
    await write(writer, '0');
    await write(writer, '1');
    const successor = await open(id);
    expect((await failureOf(write(writer, 'never'))).outcome).toBe('aborted');
    await expect(write(writer, 'never')).rejects.toMatchObject({ code: 'WRITER_DROPPED' });
    await write(successor, '2');
    await successor.close();
    expect(textsOf(await readAll(cluster, topic))).toEqual(['0-a', '0-b', '1-a', '1-b', '2-a', '2-b']);
  });

  it('aborts when a step before the commit fails, and is dead afterwards', async () => {
    const [topic, input] = await Promise.all([freshTopic(cluster, 'out'), freshTopic(cluster, 'in')]);
    for (const failing of ['begin', 'add-partitions', 'send', 'offsets', 'commit']) {
      const id = freshName('writer');
      const writer = await open(id, { pause: async (step) => { if (step === failing) throw new Error('injected'); } });
      const content = { sends: [{ topic, partition: 0, messages: messages('never') }], offsets: [{ topic: input, partition: 0, offset: 9 }] };
      expect((await failureOf(writer.transact(content))).outcome).toBe('aborted');
      await expect(writer.transact(content)).rejects.toMatchObject({ code: 'WRITER_DROPPED' });
      const successor = await open(id);
      expect((await successor.committed([{ topic: input, partition: 0 }])).get(`${input}/0`)!.offset).toBe(-1);
      await successor.close();
    }
    expect(await readAll(cluster, topic)).toEqual([]);
  });

  // kafkajs: a failed commit leaves its producer wedged, and does not say whether the broker carried it out.
  it.each([['drop-reply', 7], ['drop-request', -1]] as const)('says that a commit with %s is unknown, and the successor reads the truth', async (fault, offset) => {
    const [topic, input] = await Promise.all([freshTopic(cluster, 'out'), freshTopic(cluster, 'in')]);
    const proxy = await FaultProxy.start({ ...(await testKafka()), rules: [{ apiKey: ApiKey.endTxn, fault }] });
    const faulty = await testCluster({ socketFactory: proxy.socketFactory });
    const id = freshName('writer');
    const writer = await open(id, {}, faulty);
    const content = { sends: [{ topic, partition: 0, messages: messages('once') }], offsets: [{ topic: input, partition: 0, offset: 7 }] };
    expect(await failureOf(writer.transact(content))).toMatchObject({ outcome: 'unknown', code: 'TRANSACTION_UNKNOWN' });
    await faulty.close();
    await proxy.stop();

    const successor = await open(id);
    expect((await successor.committed([{ topic: input, partition: 0 }])).get(`${input}/0`)!.offset).toBe(offset);
    if (offset < 0) await successor.transact(content);
    await successor.close();
    expect(textsOf(await readAll(cluster, topic))).toEqual(['once']);
  });

  // kafkajs: connect() alone does not fence; an owner that was paused before its first transaction used to commit afterwards.
  it('fences by opening: whoever opened earlier can no longer commit, also before its first transaction', async () => {
    const [topic, input] = await Promise.all([freshTopic(cluster, 'out'), freshTopic(cluster, 'in')]);
    const id = freshName('writer');
    const input0 = { topic: input, partition: 0 };
    const zombie = await open(id);
    const positionOfZombie = (await zombie.committed([input0])).get(`${input}/0`)!.offset;
    const owner = await open(id);
    const positionOfOwner = (await owner.committed([input0])).get(`${input}/0`)!.offset;
    expect([positionOfZombie, positionOfOwner]).toEqual([-1, -1]);
    await owner.transact({ sends: [{ topic, partition: 0, messages: messages('owner') }], offsets: [{ ...input0, offset: 1 }] });
    const failure = await failureOf(zombie.transact({ sends: [{ topic, partition: 0, messages: messages('zombie') }], offsets: [{ ...input0, offset: 1 }] }));
    expect(failure).toMatchObject({ outcome: 'fenced', code: 'WRITER_FENCED' });
    await owner.transact({ sends: [{ topic, partition: 0, messages: messages('owner again') }], offsets: [{ ...input0, offset: 2 }] });
    await owner.close();
    expect(textsOf(await readAll(cluster, topic))).toEqual(['owner', 'owner again']);
  });

  it('aborts what a crashed owner left open, at once', async () => {
    const topic = await freshTopic(cluster, 'out');
    const id = freshName('writer');
    let reached = (): void => undefined;
    const sent = new Promise<void>((resolve) => (reached = resolve));
    const crashed = await open(id, { pause: (step) => (step === 'commit' ? (reached(), new Promise(() => undefined)) : Promise.resolve()) });
    crashed.transact({ sends: [{ topic, partition: 0, messages: messages('lost') }], offsets: [] }).catch(() => undefined);
    await sent;
    const started = performance.now();
    const successor = await open(id);
    await successor.transact({ sends: [{ topic, partition: 0, messages: messages('kept') }], offsets: [] });
    expect(textsOf(await readAll(cluster, topic))).toEqual(['kept']);
    expect(performance.now() - started).toBeLessThan(5000);
    await Promise.all([successor.close(), crashed.close()]);
  });

  it('never reads a stale committed offset after fencing', async () => {
    const [topic, input] = await Promise.all([freshTopic(cluster, 'out'), freshTopic(cluster, 'in')]);
    const id = freshName('writer');
    const read: number[] = [];
    let writer = await open(id);
    for (let round = 1; round <= 25; round++) {
      await writer.transact({ sends: [{ topic, partition: 0, messages: messages(String(round)) }], offsets: [{ topic: input, partition: 0, offset: round }] });
      const successor = await open(id);
      read.push((await successor.committed([{ topic: input, partition: 0 }])).get(`${input}/0`)!.offset);
      await writer.close();
      writer = successor;
    }
    await writer.close();
    expect(read).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  });
});
