import { randomBytes } from 'node:crypto';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PlainProducer } from '../kafka/plain-producer.ts';
import type { TransactionFailed } from '../kafka/transaction-failed.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import type { Workspace } from '../workspace.ts';
import { pause } from './seeded.ts';

/** Identities of inputs, hex, in the order of their sends. */
export interface Posted {
  /** Acknowledged: each is in the log once. */
  accepted: string[];
  /** Failed without a clear answer: each is in the log once or not at all. */
  unknown: string[];
  /** Aborted: none is visible. */
  aborted: string[];
}

const nothing = (): Posted => ({ accepted: [], unknown: [], aborted: [] });

/** Posts to both streams until stopped: 40 records by an idempotent producer, 20 in a transaction of which 30 % abort. */
export class Feed {
  readonly posted = { a: nothing(), b: nothing() };
  private stopping = false;
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private readonly random: () => number;
  private readonly say: (text: string) => void;

  constructor(cluster: KafkaCluster, workspace: Workspace, random: () => number, say: (text: string) => void = () => undefined) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.random = random;
    this.say = say;
  }

  get total(): number {
    return this.posted.a.accepted.length + this.posted.b.accepted.length;
  }

  async stop(): Promise<void> {
    this.stopping = true;
  }

  /** The two streams do not wait for each other: one may have lost its leader. */
  async run(): Promise<void> {
    await Promise.all([this.runPlain(), this.runTransactional()]);
  }

  private async runPlain(): Promise<void> {
    const topic = this.workspace.topic('events.<stream>', { stream: 'a' });
    const producer = await this.retried(() => PlainProducer.open(this.cluster));
    while (!this.stopping) {
      const { ids, messages } = this.records(40);
      const acknowledged = await producer.send(topic, 0, messages).then(() => true, (error: Error) => void this.say(`a: ${error.message}`));
      (acknowledged ? this.posted.a.accepted : this.posted.a.unknown).push(...ids);
      await pause(10 + this.random() * 20);
    }
    await producer.close();
  }

  private async runTransactional(): Promise<void> {
    const topic = this.workspace.topic('events.<stream>', { stream: 'b' });
    const id = { transactionalId: `${this.workspace.prefix}.feed`, group: `${this.workspace.prefix}.feed` };
    let fails = false;
    const stopsBeforeCommit = async (step: string): Promise<void> => {
      if (fails && step === 'commit') throw new Error('ends before the commit');
    };
    const open = () => this.retried(() => TransactionalWriter.open(this.cluster, { ...id, pause: stopsBeforeCommit }));
    let writer = await open();
    while (!this.stopping) {
      const { ids, messages } = this.records(20);
      fails = this.random() < 0.3;
      try {
        await writer.transact({ sends: [{ topic, partition: 0, messages }], offsets: [] });
        this.posted.b.accepted.push(...ids);
      } catch (error) {
        const { outcome } = error as TransactionFailed;
        this.posted.b[outcome === 'unknown' ? 'unknown' : 'aborted'].push(...ids);
        if (!fails) this.say(`b: ${(error as Error).message}`);
        fails = false;
        await writer.close();
        writer = await open();
      }
      await pause(10 + this.random() * 20);
    }
    await writer.close();
  }

  private async retried<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.stopping) throw error;
        this.say((error as Error).message);
        await pause(200);
      }
    }
  }

  private records(count: number): { ids: string[]; messages: { key: string; value: Buffer }[] } {
    const values = Array.from({ length: count }, () => Buffer.concat([randomBytes(16), Buffer.from([this.random() < 0.5 ? 1 : 0])]));
    return { ids: values.map((value) => value.subarray(0, 16).toString('hex')), messages: values.map((value) => ({ key: 'k', value })) };
  }
}
