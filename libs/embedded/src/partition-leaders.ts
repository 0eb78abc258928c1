import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { KafkaProbe, text } from './kafka-probe.ts';

// Source: Kafka protocol guide. Reassignments exist with tagged fields only.
const METADATA = { key: 3, version: 1 };
const ELECT_LEADERS = { key: 43, version: 1 };
const ALTER_PARTITION_REASSIGNMENTS = { key: 45, version: 0, tagged: true };
const ELECTION_NOT_NEEDED = 84;
const TIMEOUT_MS = 10_000;

export interface PartitionPlace {
  /** Broker id; -1 while there is none. */
  leader: number;
  replicas: number[];
  inSync: number[];
}

/** Where a partition lies, as the node at `port` knows. @throws Error when it does not answer, or has no such partition */
export async function placeOf(port: number, topic: string, partition: number): Promise<PartitionPlace> {
  return asking(port, async (probe) => {
    const answer = new Answer(await probe.request(METADATA, Buffer.concat([int32(1), text(topic)])));
    answer.each(() => {
      answer.skip(4);
      answer.text();
      answer.skip(4);
      answer.text();
    });
    answer.skip(4);
    let place: PartitionPlace | undefined;
    answer.each(() => {
      answer.skip(2);
      answer.text();
      answer.skip(1);
      answer.each(() => {
        answer.skip(2);
        const index = answer.int32();
        const found = { leader: answer.int32(), replicas: answer.int32s(), inSync: answer.int32s() };
        if (index === partition) place = found;
      });
    });
    if (!place) throw new MillraceError('PARTITION_MISSING', `${topic}/${partition} does not exist`);
    return place;
  });
}

/**
 * Makes `leader` the leader of a partition that it has a replica of: puts it first among the replicas, then asks for the preferred
 * leader to be elected. Resolves when the node at `port` names it.
 */
export async function lead(port: number, topic: string, partition: number, leader: number): Promise<void> {
  const until = performance.now() + TIMEOUT_MS;
  for (let cause: unknown; ; await delay(50)) {
    try {
      const { replicas, leader: now } = await placeOf(port, topic, partition);
      if (now === leader) return;
      await asking(port, async (probe) => {
        await order(probe, topic, partition, [leader, ...replicas.filter((id) => id !== leader)]);
        await elect(probe, topic, partition);
      });
      if ((await placeOf(port, topic, partition)).leader === leader) return;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > until) throw new MillraceError('LEADER_NOT_MOVED', `broker ${leader} did not become the leader of ${topic}/${partition}`, { retriable: true, cause });
  }
}

async function order(probe: KafkaProbe, topic: string, partition: number, replicas: number[]): Promise<void> {
  const ids = Buffer.concat([Buffer.from([replicas.length + 1]), ...replicas.map(int32)]);
  const name = Buffer.from(topic);
  const wish = Buffer.concat([int32(TIMEOUT_MS), Buffer.from([2, name.length + 1]), name, Buffer.from([2]), int32(partition), ids, Buffer.from([0, 0, 0])]);
  // Behind the throttle time; what is wrong with this one partition shows in who leads it afterwards.
  refuse((await probe.request(ALTER_PARTITION_REASSIGNMENTS, wish)).readInt16BE(4), 'AlterPartitionReassignments');
}

async function elect(probe: KafkaProbe, topic: string, partition: number): Promise<void> {
  const wish = Buffer.concat([Buffer.from([0]), int32(1), text(topic), int32(1), int32(partition), int32(TIMEOUT_MS)]);
  refuse((await probe.request(ELECT_LEADERS, wish)).readInt16BE(4), 'ElectLeaders');
}

function refuse(errorCode: number, request: string): void {
  if (errorCode !== 0 && errorCode !== ELECTION_NOT_NEEDED) throw new MillraceError('BROKER_REFUSED', `the broker answered ${request} with error ${errorCode}`);
}

async function asking<T>(port: number, work: (probe: KafkaProbe) => Promise<T>): Promise<T> {
  const probe = await KafkaProbe.connect(port);
  try {
    return await work(probe);
  } finally {
    probe.close();
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Reads fields one after another. */
class Answer {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  skip(count: number): void {
    this.at += count;
  }

  int32(): number {
    return this.bytes.readInt32BE((this.at += 4) - 4);
  }

  int32s(): number[] {
    return Array.from({ length: this.int32() }, () => this.int32());
  }

  text(): string {
    const length = this.bytes.readInt16BE((this.at += 2) - 2);
    if (length < 0) return '';
    return this.bytes.toString('utf8', this.at, (this.at += length));
  }

  each(read: () => void): void {
    for (let left = this.int32(); left > 0; left--) read();
  }
}
