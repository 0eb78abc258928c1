import { randomBytes } from 'node:crypto';
import { DefinitionApplied, EventEncoder, WorkspaceCreated } from '@millrace/contracts';
import { PartitionReader, PlainProducer, TopicAdmin, Workspace, topicsFor, type KafkaCluster } from '@millrace/messaging';
import { kinds, type Kind } from './hop-process.ts';

const stream = 'records';

/** A workspace with one stream: its topic of `count` partitions is the input of all kinds, each has an output of its own. */
export class Lanes {
  readonly workspace: Workspace;
  readonly count: number;
  readonly brokers: string;
  private readonly cluster: KafkaCluster;
  private readonly admin: TopicAdmin;

  private constructor(cluster: KafkaCluster, count: number) {
    this.workspace = new Workspace({ prefix: `bench-${randomBytes(4).toString('hex')}`, lanes: count, slots: 1 });
    this.count = count;
    this.cluster = cluster;
    this.brokers = cluster.brokers.join();
    this.admin = new TopicAdmin(cluster);
  }

  static async open(cluster: KafkaCluster, count: number): Promise<Lanes> {
    const lanes = new Lanes(cluster, count);
    await lanes.admin.ensureTopics([...topicsFor(lanes.workspace, { streams: [stream], models: [] }), ...(['plain', 'stock'] as const).map((kind) => ({ name: lanes.output(kind), partitions: count, configs: {} }))]);
    const producer = await PlainProducer.open(cluster);
    const encoder = new EventEncoder();
    const created = new WorkspaceCreated({ lanes: count, slots: 1, createdAt: 0 });
    const applied = new DefinitionApplied({ hash: '', definitions: JSON.stringify({ streams: [{ name: stream }], models: [] }), schemas: [], appliedAt: 0, by: 'bench' });
    for (const event of [created, applied]) await producer.send(lanes.workspace.topic('definitions'), 0, [{ key: 'bench', value: Buffer.from(encoder.encode(event)) }]);
    await producer.close();
    return lanes;
  }

  get input(): string {
    return this.workspace.topic('events.<stream>', { stream });
  }

  output(kind: Kind): string {
    return kind === 'service' ? this.workspace.topic('event-ingested') : `${this.workspace.prefix}.${kind}-output`;
  }

  group(kind: Kind): string {
    return kind === 'service' ? this.workspace.group('bench', 'pass') : `${this.workspace.prefix}.${kind}`;
  }

  /** Writes records with keys of 16 and values of `bytes` bytes, evenly over the partitions. */
  async fill(records: number, bytes: number): Promise<void> {
    const producer = await PlainProducer.open(this.cluster);
    const perRequest = 2000;
    const value = randomBytes(bytes);
    for (let sent = 0; sent < records; sent += perRequest * this.count)
      await Promise.all(
        Array.from({ length: this.count }, (_, partition) => {
          const messages = Array.from({ length: Math.min(perRequest, (records - sent) / this.count) }, (_, i) => ({ key: keyOf(sent / this.count + i, partition), value }));
          return producer.send(this.input, partition, messages);
        }),
      );
    await producer.close();
  }

  /** How many input records a kind has committed: exact, since the input has no control records. */
  async committed(kind: Kind): Promise<number> {
    const offsets = await this.admin.committedOffsets(this.group(kind), [this.input]);
    return [...offsets.values()].reduce((sum, { offset }) => sum + Math.max(0, offset), 0);
  }

  /** Counts the committed records of an output, each key once. @throws Error when one is missing or there twice */
  async verify(kind: Kind, records: number): Promise<void> {
    const seen = new Set<string>();
    let count = 0;
    const reader = await PartitionReader.open(this.cluster, Array.from({ length: this.count }, (_, partition) => ({ topic: this.output(kind), partition, offset: 0 })));
    const open = new Set(Array.from({ length: this.count }, (_, partition) => partition));
    while (open.size > 0)
      for (const batch of await reader.poll()) {
        for (const { key } of batch.records) seen.add(key!.toString('latin1'));
        count += batch.records.length;
        if (batch.atEnd) open.delete(batch.partition);
      }
    await reader.close();
    if (count !== records || seen.size !== records) throw new Error(`${kind} wrote ${count} records with ${seen.size} keys for ${records} inputs`);
  }

  /** Frees the space on disk. */
  async remove(): Promise<void> {
    await this.admin.deleteTopics([this.input, ...kinds.map((kind) => this.output(kind))]);
    await this.admin.close();
  }
}

function keyOf(number: number, partition: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(number, 0);
  key.writeUInt32BE(partition, 4);
  return key;
}
