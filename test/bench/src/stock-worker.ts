/**
 * The peer: kafkajs as it is published, used as its documentation shows for exactly-once: one transaction per batch, with one
 * producer per partition, as a shared one could have one transaction only. Its retry starts at 20 instead of 300 ms, else each
 * second transaction would wait 300 ms for the markers of the one before.
 * Arguments: brokers, group, input topic, output topic, partitions, bytes per fetch of a partition.
 */
import kafkajs from 'kafkajs';
import { serveFigures } from './worker-figures.ts';

const [, , brokers, group, input, output, partitions, maxBytes] = process.argv as [string, string, string, string, string, string, string, string];
process.removeAllListeners('warning');
const retry = { initialRetryTime: 20, maxRetryTime: 1000, retries: 40 };
const kafka = new kafkajs.Kafka({ brokers: [brokers], clientId: 'stock', logLevel: kafkajs.logLevel.NOTHING, retry });
const consumer = kafka.consumer({ groupId: group, maxBytesPerPartition: Number(maxBytes), maxWaitTimeInMs: 250, sessionTimeout: 10_000, rebalanceTimeout: 3000 });
const producers = await Promise.all(
  Array.from({ length: Number(partitions) }, async (_, partition) => {
    const producer = kafka.producer({ transactionalId: `${group}.${partition}`, idempotent: true, maxInFlightRequests: 1, retry });
    await producer.connect();
    return producer;
  }),
);
serveFigures(() => Promise.all([consumer.disconnect(), ...producers.map((producer) => producer.disconnect())]));
await consumer.connect();
await consumer.subscribe({ topic: input, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: Number(partitions),
  eachBatch: async ({ batch }) => {
    const { partition, messages } = batch;
    const transaction = await producers[partition]!.transaction();
    await transaction.send({ topic: output, acks: -1, messages: messages.map(({ key, value }) => ({ key, value, partition })) });
    await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic: input, partitions: [{ partition, offset: String(Number(batch.lastOffset()) + 1) }] }] });
    await transaction.commit();
  },
});
