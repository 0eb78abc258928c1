/**
 * How long one lost broker of three is felt: kills one after another, and measures until a record that was sent afterwards is
 * acknowledged, and until its output is committed. As a program:
 * `node --conditions=@millrace/source libs/messaging/src/conformance/broker-loss.ts [--kills 12] [--how kill|pause|stop]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { VectorComputed, decodeEvent } from '@millrace/contracts';
import { TestCluster, until } from '@millrace/testing';
import { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { PlainProducer } from '../kafka/plain-producer.ts';
import { Workspace } from '../workspace.ts';
import { Worker } from './kill-run-process.ts';
import { placesOf, prepare, slots } from './kill-run.ts';
import { pause } from './seeded.ts';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '12' }, how: { type: 'string', default: 'kill' } } });
const folder = mkdtempSync(join(tmpdir(), 'millrace-broker-loss-'));
process.on('SIGTERM', () => process.exit(143));
const kafka = await TestCluster.start({ dataDir: join(folder, 'kafka') });
const workspace = new Workspace({ prefix: 'loss', lanes: 1, slots });
const cluster = new KafkaCluster({ brokers: kafka.brokers.split(','), clientId: 'broker-loss' });
await prepare(cluster, workspace);
const workers = [0, 1].map((index) => new Worker({ brokers: kafka.brokers, folder, pauseMs: 0 }, workspace, index));
const outputs = workspace.topic('feature-vectors.<model>', { model: 'm' });
const input = workspace.topic('events.<stream>', { stream: 'a' });
const reader = await PartitionReader.open(cluster, Array.from({ length: slots }, (_, partition) => ({ topic: outputs, partition, offset: 0 })));
const producer = await PlainProducer.open(cluster);
const sentAt = new Map<string, number>();
let acknowledged = -Infinity;
let committed = -Infinity;
let stopping = false;
const sending = (async () => {
  while (!stopping) {
    const value = Buffer.concat([randomBytes(16), Buffer.from([0])]);
    const now = performance.now();
    sentAt.set(value.toString('hex', 0, 16), now);
    if (await producer.send(input, 0, [{ key: 'k', value }]).then(() => true, () => false)) acknowledged = now;
    await pause(20);
  }
})();
const reading = (async () => {
  while (!stopping)
    for (const { records } of await reader.poll())
      for (const { value } of records) {
        const event = decodeEvent(value!);
        if (event instanceof VectorComputed) committed = Math.max(committed, sentAt.get(event.eventId.toString('hex')) ?? -Infinity);
      }
})();

const measured: { node: number; acknowledgedMs: number; committedMs: number }[] = [];
const quiet = { timeoutMs: 120_000, everyMs: 20 };
await until(() => committed > 0, { what: 'a first output', ...quiet });
for (let kill = 0; kill < Number(values.kills); kill++) {
  for (const { topic, partition } of placesOf(workspace)) await until(async () => (await kafka.cluster.inSyncOf(topic, partition)).length === 3, { what: 'three replicas', ...quiet });
  await pause(2000);
  const node = kill % 3;
  const at = performance.now();
  if (values.how === 'pause') kafka.cluster.node(node).pause();
  else if (values.how === 'stop') await kafka.cluster.node(node).stop();
  else await kafka.cluster.node(node).kill();
  const since = async (done: () => boolean, what: string): Promise<number> => {
    await until(done, { what, ...quiet });
    return Math.round(performance.now() - at);
  };
  const [acknowledgedMs, committedMs] = await Promise.all([since(() => acknowledged > at, 'an acknowledgement'), since(() => committed > at, 'an output')]);
  measured.push({ node, acknowledgedMs, committedMs });
  console.log(JSON.stringify(measured.at(-1)));
  await kafka.heal();
}
stopping = true;
await Promise.all([sending, reading]);
const p = (numbers: number[], share: number): number => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.ceil(numbers.length * share) - 1)]!;
for (const what of ['acknowledgedMs', 'committedMs'] as const) {
  const all = measured.map((one) => one[what]);
  console.log(JSON.stringify({ how: values.how, what, count: all.length, p50: p(all, 0.5), p95: p(all, 0.95), most: Math.max(...all) }));
}
await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
await reader.close();
await producer.close();
await cluster.close();
await kafka.stop();
