/**
 * The reader and the writer that the loops of a service use, one pair for each partition, without anything in between: each record is
 * written as it was read. Arguments: brokers, group, input topic, output topic, partitions, bytes per fetch of a partition.
 */
import { KafkaCluster, PartitionReader, TransactionalWriter } from '@millrace/messaging';
import { serveFigures } from './worker-figures.ts';

const [, , brokers, group, input, output, partitions, maxBytes] = process.argv as [string, string, string, string, string, string, string, string];
const cluster = new KafkaCluster({ brokers: [brokers], clientId: 'bench' });
let stopping = false;

async function pass(partition: number): Promise<void> {
  const writer = await TransactionalWriter.open(cluster, { transactionalId: `${group}.${partition}`, group });
  const place = { topic: input, partition };
  const { offset } = (await writer.committed([place])).get(`${input}/${partition}`)!;
  const reader = await PartitionReader.open(cluster, [{ ...place, offset: Math.max(0, offset) }], { maxBytesPerPartition: Number(maxBytes) });
  let fetched = reader.poll();
  while (!stopping) {
    const batches = await fetched;
    // The next fetch runs while these records are written.
    fetched = reader.poll();
    for (const { records, next } of batches)
      if (records.length > 0) await writer.transact({ sends: [{ topic: output, partition, messages: records.map(({ key, value }) => ({ key: key!, value: value! })) }], offsets: [{ ...place, offset: next }] });
  }
  await fetched;
  await reader.close();
  await writer.close();
}

const passing = Promise.all(Array.from({ length: Number(partitions) }, (_, partition) => pass(partition)));
serveFigures(async () => {
  stopping = true;
  await passing;
  await cluster.close();
});
