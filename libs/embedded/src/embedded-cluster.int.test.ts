import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedCluster } from './embedded-cluster.ts';
import { KafkaProbe } from './kafka-probe.ts';

let folder: string;
let cluster: EmbeddedCluster;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-cluster-'));
  cluster = await EmbeddedCluster.start({ dataDir: folder });
}, 240_000);
afterAll(async () => {
  await cluster?.kill();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** CreateTopics v4 with the broker's own numbers of partitions (1) and replicas. */
async function create(topic: string): Promise<void> {
  const name = Buffer.from(topic);
  const wish = Buffer.alloc(4 + 2 + name.length + 4 + 2 + 4 + 4 + 4 + 1);
  let at = wish.writeInt32BE(1, 0);
  at = wish.writeInt16BE(name.length, at);
  at += name.copy(wish, at);
  at = wish.writeInt32BE(-1, at);
  at = wish.writeInt16BE(-1, at);
  wish.writeInt32BE(10_000, at + 8);
  const probe = await KafkaProbe.connect(cluster.node(0).port, 15_000);
  expect((await probe.request({ key: 19, version: 4 }, wish)).readInt16BE(4 + 4 + 2 + name.length)).toBe(0);
  probe.close();
}

/** Waits for a state of the cluster that it reaches by itself. */
async function reached<T>(what: string, condition: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = performance.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const value = await condition().catch(() => undefined);
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`no ${what} within 30 s`);
  }
}

describe('EmbeddedCluster', () => {
  it('has three replicas of everything, moves a leader when told to, and by itself when it is killed or paused', async () => {
    await create('three');
    const first = await reached('leader', async () => ((await cluster.inSyncOf('three', 0)).length === 3 ? cluster.leaderOf('three', 0) : undefined));
    const second = await cluster.moveLeader('three', 0);
    expect(second).not.toBe(first);
    expect(await cluster.leaderOf('three', 0)).toBe(second);
    expect(await cluster.moveLeader('three', 0, first)).toBe(first);

    await cluster.node(first).kill();
    expect(cluster.node(first).isRunning).toBe(false);
    const third = await reached('new leader', async () => [await cluster.leaderOf('three', 0)].find((leader) => leader >= 0 && leader !== first));
    await cluster.node(first).start();
    await reached('third replica in sync', async () => ((await cluster.inSyncOf('three', 0)).length === 3 ? true : undefined));

    cluster.node(third).pause();
    expect(cluster.node(third).isRunning).toBe(true);
    const fourth = await reached('leader that is not paused', async () => [await cluster.leaderOf('three', 0)].find((leader) => leader >= 0 && leader !== third));
    expect(fourth).not.toBe(third);
    cluster.node(third).resume();
    await reached('third replica in sync', async () => ((await cluster.inSyncOf('three', 0)).length === 3 ? true : undefined));
  }, 120_000);

  it('names what is not there', async () => {
    expect(() => cluster.node(3)).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }));
    await expect(cluster.leaderOf('no-such-topic', 0)).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
  });
});
