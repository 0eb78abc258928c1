import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DefinitionApplied, EventEncoder, WorkspaceCreated } from '@millrace/contracts';
import { KafkaCluster } from '../kafka/cluster.ts';
import { PlainProducer } from '../kafka/plain-producer.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { topicsFor } from '../topics.ts';
import { Workspace } from '../workspace.ts';

export interface KillRunOptions {
  brokers: string;
  /** An empty folder for snapshots and logs. */
  folder: string;
  seed: number;
  faults: number;
  /** Longest wait between two steps of the protocol. */
  pauseMs: number;
  say?: (text: string) => void;
}
export interface KillRun {
  workspace: Workspace;
  /** Identities of the accepted inputs by stream, hex, in order; those of aborted transactions are not among them. */
  accepted: { a: string[]; b: string[] };
  kills: number;
  zombies: number;
}

const slots = 4;
const workers = 2;

/**
 * Two workers in one group, two merged inputs (one idempotent, one transactional with 30 % aborts), two stages, outputs to eight
 * partitions; SIGKILL and SIGSTOP (longer than the session, then SIGCONT: a zombie) at seeded moments.
 */
export async function killRun(options: KillRunOptions): Promise<KillRun> {
  const random = seeded(options.seed);
  const workspace = new Workspace({ prefix: `kill-${randomBytes(4).toString('hex')}`, lanes: 1, slots });
  const cluster = new KafkaCluster({ brokers: [options.brokers], clientId: 'kill-run' });
  await prepare(cluster, workspace);
  const feed = new Feed(cluster, workspace, random);
  const feeding = feed.run();
  const pool = Array.from({ length: workers }, (_, index) => start(options, workspace, index));
  const counts = { kills: 0, zombies: 0 };
  try {
    await pause(3000);
    for (let fault = 0; fault < options.faults; fault++) {
      await pause(300 + random() * 1700);
      const index = Math.floor(random() * workers);
      const zombie = random() < 0.3;
      options.say?.(`fault ${fault + 1} of ${options.faults}: ${zombie ? 'SIGSTOP' : 'SIGKILL'} worker ${index}, ${feed.total} inputs`);
      if (zombie) {
        counts.zombies++;
        pool[index]!.kill('SIGSTOP');
        await pause(4000 + random() * 1500); // longer than the session of 3 s: the lanes move
        pool[index]!.kill('SIGCONT');
      } else {
        counts.kills++;
        await ended(pool[index]!, 'SIGKILL');
      }
      if (pool[index]!.exitCode !== null || pool[index]!.signalCode !== null) pool[index] = start(options, workspace, index);
    }
    await feed.stop();
    await feeding;
    await drained(cluster, workspace);
  } finally {
    await feed.stop();
    await Promise.all(pool.map((worker) => ended(worker, 'SIGTERM')));
    await cluster.close();
  }
  return { workspace, accepted: feed.accepted, ...counts };
}

async function prepare(cluster: KafkaCluster, workspace: Workspace): Promise<void> {
  const admin = new TopicAdmin(cluster);
  await admin.ensureTopics(topicsFor(workspace, { streams: ['a', 'b'], models: ['m'] }));
  await admin.close();
  const producer = await PlainProducer.open(cluster);
  const encoder = new EventEncoder();
  const applied = new DefinitionApplied({ hash: '', definitions: JSON.stringify({ streams: [{ name: 'a' }, { name: 'b', after: ['a'] }], models: [{ name: 'm' }] }), schemas: [], appliedAt: 0, by: 'kill run' });
  for (const event of [new WorkspaceCreated({ lanes: 1, slots, createdAt: 0 }), applied]) await producer.send(workspace.topic('definitions'), 0, [{ key: 'definitions', value: encoder.encode(event) }]);
  await producer.close();
}

/** Posts to both streams until stopped. */
class Feed {
  readonly accepted: { a: string[]; b: string[] } = { a: [], b: [] };
  private stopping = false;
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private readonly random: () => number;

  constructor(cluster: KafkaCluster, workspace: Workspace, random: () => number) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.random = random;
  }

  get total(): number {
    return this.accepted.a.length + this.accepted.b.length;
  }

  async stop(): Promise<void> {
    this.stopping = true;
  }

  async run(): Promise<void> {
    const [a, b] = ['a', 'b'].map((stream) => this.workspace.topic('events.<stream>', { stream })) as [string, string];
    const producer = await PlainProducer.open(this.cluster);
    const writer = await TransactionalWriter.open(this.cluster, { transactionalId: `${this.workspace.prefix}.feed`, group: `${this.workspace.prefix}.feed` });
    while (!this.stopping) {
      const plain = this.records(40);
      await producer.send(a, 0, plain.messages);
      this.accepted.a.push(...plain.ids);
      const own = this.records(20);
      if (this.random() < 0.3) await this.abort(b, own.messages);
      else {
        await writer.transact({ sends: [{ topic: b, partition: 0, messages: own.messages }], offsets: [] });
        this.accepted.b.push(...own.ids);
      }
      await pause(10 + this.random() * 20);
    }
    await Promise.all([producer.close(), writer.close()]);
  }

  /** Writes records whose transaction never commits: the writer fails between its steps, and a successor aborts it. */
  private async abort(topic: string, messages: { key: string; value: Buffer }[]): Promise<void> {
    const id = { transactionalId: `${this.workspace.prefix}.aborted`, group: `${this.workspace.prefix}.aborted` };
    const writer = await TransactionalWriter.open(this.cluster, {
      ...id,
      pause: async (step) => {
        if (step.includes('commit')) throw new Error('ends before the commit');
      },
    });
    await writer.transact({ sends: [{ topic, partition: 0, messages }], offsets: [] }).catch(() => undefined);
    await writer.close();
    await (await TransactionalWriter.open(this.cluster, id)).close();
  }

  private records(count: number): { ids: string[]; messages: { key: string; value: Buffer }[] } {
    const values = Array.from({ length: count }, () => Buffer.concat([randomBytes(16), Buffer.from([this.random() < 0.5 ? 1 : 0])]));
    return { ids: values.map((value) => value.subarray(0, 16).toString('hex')), messages: values.map((value) => ({ key: 'k', value })) };
  }
}

function start(options: KillRunOptions, workspace: Workspace, index: number): ChildProcess {
  mkdirSync(options.folder, { recursive: true });
  const worker = spawn(process.execPath, ['--conditions=@millrace/source', '--no-warnings', join(import.meta.dirname, 'kill-run-worker.ts'), options.brokers, workspace.prefix, options.folder, `worker-${index}`, String(options.pauseMs)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(options.folder, `worker-${index}.log`), { flags: 'a' });
  worker.stdout!.pipe(log, { end: false });
  worker.stderr!.pipe(log, { end: false });
  return worker;
}

function ended(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.kill(signal);
  });
}

/** Waits until both stages have committed their inputs up to the ends, control records aside. */
async function drained(cluster: KafkaCluster, workspace: Workspace): Promise<void> {
  const admin = new TopicAdmin(cluster);
  const stages = [
    { group: workspace.group('kill-run', 'merged'), topics: ['a', 'b'].map((stream) => workspace.topic('events.<stream>', { stream })) },
    { group: workspace.group('kill-run', 'tally', 'm'), topics: ['feature-vectors.<model>', 'labels.<model>'].map((name) => workspace.topic(name, { model: 'm' })) },
  ];
  const deadline = Date.now() + 90_000;
  for (let before = -1; ; ) {
    let behind = 0;
    for (const { group, topics } of stages) {
      const committed = await admin.committedOffsets(group, topics);
      for (const topic of topics) for (const [partition, { high }] of await admin.topicOffsets(topic)) behind += Math.max(0, high - Math.max(0, committed.get(`${topic}/${partition}`)?.offset ?? 0));
    }
    // Control records at the tails are never committed over; what does not shrink any more is they.
    if (behind === before && behind < 60) break;
    if (Date.now() > deadline) throw new Error(`not drained within 90 s: ${behind} offsets behind`);
    before = behind;
    await pause(2500);
  }
  await admin.close();
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** mulberry32 (Tommy Ettinger, public domain): small, seeded, good enough to choose moments. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
