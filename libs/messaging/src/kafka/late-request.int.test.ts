import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, FaultProxy, readTopic, testKafka, until } from '@millrace/testing';
import type { KafkaCluster } from './cluster.ts';
import { freshName, freshTopic, messages, testCluster } from './testing/broker.ts';
import type { TransactionFailed } from './transaction-failed.ts';
import { TransactionalWriter } from './transactional-writer.ts';

let cluster: KafkaCluster;
let brokers: string;
beforeAll(async () => {
  cluster = await testCluster();
  ({ brokers } = await testKafka());
}, 240_000);
afterAll(() => cluster.close());

const seenBy = async (topic: string): Promise<string[]> => (await readTopic({ brokers, topic })).map(({ value }) => String(value));

/** A writer whose next request of a kind is held in the network until `release`. */
async function delayed(id: string, apiKey: number) {
  const proxy = await FaultProxy.start({ brokers });
  const slow = await testCluster({ socketFactory: proxy.socketFactory, requestTimeoutMs: 500 });
  const writer = await TransactionalWriter.open(slow, { transactionalId: id, group: id });
  let release = (): void => undefined;
  proxy.once(apiKey, { holdUntil: new Promise<void>((resolve) => (release = resolve)) });
  const isAnswered = (): boolean => proxy.seen.some((request) => request.apiKey === apiKey && typeof request.fault === 'object' && request.answered === true);
  return {
    writer,
    arrives: async (): Promise<void> => {
      release();
      await until(isAnswered, { what: 'the late request at the broker' });
    },
    end: async (): Promise<void> => {
      await writer.close();
      await slow.close();
      await proxy.stop();
    },
  };
}

// Jepsen, "Bufstream 0.1.0" (2024): requests of one transaction go over several connections, so one that was given up may still arrive, in a later one.
describe('a request of a transaction that arrives after its writer was given up', () => {
  it.each(['endTxn', 'addPartitionsToTxn', 'txnOffsetCommit'] as const)('does nothing to the transaction of the successor (%s)', async (api) => {
    const [topic, input] = await Promise.all([freshTopic(cluster, 'late'), freshTopic(cluster, 'in')]);
    const id = freshName('writer');
    const input0 = { topic: input, partition: 0 };
    const late = await delayed(id, ApiKey[api]);
    const lost = late.writer.transact({ sends: [{ topic, partition: 0, messages: messages('late') }], offsets: [{ ...input0, offset: 100 }] });
    await expect(lost).rejects.toMatchObject({ outcome: api === 'endTxn' ? 'unknown' : 'aborted' });

    // It arrives in the middle of the successor's transaction: a commit of the old one would end the new one half-way.
    const successor = await TransactionalWriter.open(cluster, { transactionalId: id, group: id, pause: async (step) => (step === 'offsets' ? late.arrives() : undefined) });
    expect((await successor.committed([input0])).get(`${input}/0`)!.offset).toBe(-1);
    await successor.transact({ sends: [{ topic, partition: 0, messages: messages('kept') }], offsets: [{ ...input0, offset: 1 }] });
    await successor.close();

    const last = await TransactionalWriter.open(cluster, { transactionalId: id, group: id });
    expect((await last.committed([input0])).get(`${input}/0`)!.offset).toBe(1);
    await last.close();
    expect(await seenBy(topic)).toEqual(['kept']);
    await late.end();
  });

  it('is not written twice when it was a send that has been repeated', async () => {
    const topic = await freshTopic(cluster, 'late');
    const id = freshName('writer');
    const late = await delayed(id, ApiKey.produce);
    await late.writer.transact({ sends: [{ topic, partition: 0, messages: messages('once') }], offsets: [] });
    await late.arrives();
    // The broker may now refuse the sequence number of the next send (it does so since it verifies transactions): that one aborts.
    const next = { sends: [{ topic, partition: 0, messages: messages('next') }], offsets: [] };
    const refused = await late.writer.transact(next).then(() => undefined, (error: TransactionFailed) => error.outcome);
    expect(refused ?? 'aborted').toBe('aborted');
    const successor = await TransactionalWriter.open(cluster, { transactionalId: id, group: id });
    if (refused) await successor.transact(next);
    await successor.close();
    expect(await seenBy(topic)).toEqual(['once', 'next']);
    await late.end();
  });

  it('and one that arrives when the successor has been dropped too ends nothing', async () => {
    const topic = await freshTopic(cluster, 'late');
    const id = freshName('writer');
    const late = await delayed(id, ApiKey.endTxn);
    await expect(late.writer.transact({ sends: [{ topic, partition: 0, messages: messages('late') }], offsets: [] })).rejects.toMatchObject({ outcome: 'unknown' });
    const dies = await TransactionalWriter.open(cluster, { transactionalId: id, group: id, pause: async (step) => { if (step === 'commit') throw new Error('injected'); } });
    await expect(dies.transact({ sends: [{ topic, partition: 0, messages: messages('dies') }], offsets: [] })).rejects.toMatchObject({ outcome: 'aborted' });
    await late.arrives();
    await (await TransactionalWriter.open(cluster, { transactionalId: id, group: id })).close();
    expect(await seenBy(topic)).toEqual([]);
    await late.end();
  });
});
