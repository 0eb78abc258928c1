import { randomBytes } from 'node:crypto';
import type { TestCluster } from '@millrace/testing';
import { DefinitionApplied, EventEncoder, WorkspaceCreated } from '@millrace/contracts';
import { KafkaCluster } from '../kafka/cluster.ts';
import { PlainProducer } from '../kafka/plain-producer.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { topicsFor } from '../topics.ts';
import { Workspace } from '../workspace.ts';
import { BrokerFaults, brokerFaults, workerFaults, type FaultKind } from './broker-faults.ts';
import { Feed, type Posted } from './kill-run-feed.ts';
import { Worker } from './kill-run-process.ts';
import { pause, seeded } from './seeded.ts';

export interface KillRunOptions {
  /** `host:port`, with commas between several. */
  brokers: string;
  /** An empty folder for snapshots and logs. */
  folder: string;
  seed: number;
  faults: number;
  /** Longest wait between two steps of the protocol. */
  pauseMs: number;
  /** The cluster behind `brokers`, to be broken too; left out, only the workers are. */
  kafka?: TestCluster;
  /** Which faults to choose from; default all that there are. */
  kinds?: readonly FaultKind[];
  say?: (text: string) => void;
}
export interface KillRun {
  workspace: Workspace;
  /** What became of the inputs of each stream. */
  posted: { a: Posted; b: Posted };
  /** Faults by kind. */
  faults: Record<string, number>;
  /** Workers that ended by themselves, since they could not go on. */
  gaveUp: number;
}

export const slots = 4;
/** A group may take a while to agree after the last fault; how long the rest takes is up to the machine. */
const stuckAfterMs = 120_000;
const workers = 2;

/**
 * Two workers in one group, two merged inputs (one idempotent, one transactional with 30 % aborts), two stages, outputs to eight
 * partitions of two topics in one transaction; faults at seeded moments. A broken broker or network heals while workers go on breaking.
 */
export async function killRun(options: KillRunOptions): Promise<KillRun> {
  const random = seeded(options.seed);
  const workspace = new Workspace({ prefix: `kill-${randomBytes(4).toString('hex')}`, lanes: 1, slots });
  const cluster = new KafkaCluster({ brokers: options.brokers.split(','), clientId: 'kill-run' });
  await prepare(cluster, workspace);
  const feed = new Feed(cluster, workspace, random, options.say);
  const feeding = feed.run();
  const pool = Array.from({ length: workers }, (_, index) => new Worker(options, workspace, index));
  const brokers = options.kafka && new BrokerFaults(options.kafka, placesOf(workspace), random);
  const kinds = options.kinds ?? [...workerFaults, ...(brokers ? brokerFaults : [])];
  const faults: Record<string, number> = {};
  let healing: Promise<void> = Promise.resolve();
  try {
    await pause(3000);
    for (let fault = 0; fault < options.faults; fault++) {
      await pause(300 + random() * 1700);
      const kind = kinds[Math.floor(random() * kinds.length)]!;
      faults[kind] = (faults[kind] ?? 0) + 1;
      options.say?.(`fault ${fault + 1} of ${options.faults}: ${kind}, ${feed.total} inputs`);
      if (kind === 'worker-kill') await pool[Math.floor(random() * workers)]!.end('SIGKILL');
      else if (kind === 'worker-zombie') await pool[Math.floor(random() * workers)]!.sleep(4000 + random() * 1500); // longer than the session of 3 s: the lanes move
      else {
        await healing;
        healing = brokers!.inflict(kind, options.say);
      }
      for (const worker of pool) worker.restart();
    }
    await healing;
    await options.kafka?.heal();
    await feed.stop();
    await feeding;
    await drained(cluster, workspace, () => pool.forEach((worker) => worker.restart()));
  } finally {
    await options.kafka?.heal();
    await feed.stop();
    await Promise.all(pool.map((worker) => worker.end('SIGTERM')));
    await cluster.close();
  }
  return { workspace, posted: feed.posted, faults, gaveUp: pool.reduce((sum, worker) => sum + worker.gaveUp, 0) };
}

/** Partitions whose leaders are moved: inputs, outputs, and where transactions and groups are kept. */
export function placesOf(workspace: Workspace): { topic: string; partition: number }[] {
  const inputs = ['a', 'b'].map((stream) => ({ topic: workspace.topic('events.<stream>', { stream }), partition: 0 }));
  const outputs = ['feature-vectors.<model>', 'labels.<model>', 'predictions.<model>'].flatMap((name) => Array.from({ length: slots }, (_, partition) => ({ topic: workspace.topic(name, { model: 'm' }), partition })));
  const own = ['__transaction_state', '__consumer_offsets'].flatMap((topic) => Array.from({ length: 8 }, (_, partition) => ({ topic, partition })));
  return [...inputs, ...outputs, ...own];
}

/** Makes the topics of a workspace, and declares two streams and a model. */
export async function prepare(cluster: KafkaCluster, workspace: Workspace): Promise<void> {
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: ['a', 'b'], models: ['m'] }));
  await admin.close();
  const producer = await PlainProducer.open(cluster);
  const encoder = new EventEncoder();
  const applied = new DefinitionApplied({ hash: '', definitions: JSON.stringify({ streams: [{ name: 'a' }, { name: 'b', after: ['a'] }], models: [{ name: 'm' }] }), schemas: [], appliedAt: 0, by: 'kill run' });
  for (const event of [new WorkspaceCreated({ lanes: 1, slots, createdAt: 0 }), applied]) await producer.send(workspace.topic('definitions'), 0, [{ key: 'definitions', value: encoder.encode(event) }]);
  await producer.close();
}

/** Waits until both stages have committed their inputs up to the ends, control records aside. */
async function drained(cluster: KafkaCluster, workspace: Workspace, tend: () => void): Promise<void> {
  const admin = new TopicAdmin(cluster);
  const stages = [
    { group: workspace.group('kill-run', 'merged'), topics: ['a', 'b'].map((stream) => workspace.topic('events.<stream>', { stream })) },
    { group: workspace.group('kill-run', 'tally', 'm'), topics: ['feature-vectors.<model>', 'labels.<model>'].map((name) => workspace.topic(name, { model: 'm' })) },
  ];
  let least = Infinity;
  let leastAt = Date.now();
  for (let before = -1; ; ) {
    let behind = 0;
    for (const { group, topics } of stages) {
      const committed = await admin.committedOffsets(group, topics);
      for (const topic of topics) for (const [partition, { high }] of await admin.topicOffsets(topic)) behind += Math.max(0, high - Math.max(0, committed.get(`${topic}/${partition}`)?.offset ?? 0));
    }
    // Control records at the tails are never committed over; what does not shrink any more is they.
    if (behind === before && behind < 60) break;
    if (behind < least) [least, leastAt] = [behind, Date.now()];
    if (Date.now() - leastAt > stuckAfterMs) throw new Error(`nothing was handled for ${stuckAfterMs / 1000} s: ${behind} offsets behind`);
    before = behind;
    tend();
    await pause(2500);
  }
  await admin.close();
}

