import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedCluster } from '@millrace/embedded';
import { FaultProxy } from './fault-proxy.ts';
import type { LinkConditions } from './link-conditions.ts';

export interface TestClusterOptions {
  /** Kept at the end; default a temporary folder, which is not. */
  dataDir?: string;
  nodes?: 1 | 3;
  /** Of each node; default 256. */
  heapMb?: number;
  /** Gives jitter; default `Math.random`. */
  random?: () => number;
}

/**
 * Kafka of three nodes with a proxy before each: the nodes advertise their proxies, so every client passes them, whatever its library.
 * The nodes talk to each other directly.
 *
 * @example
 * const kafka = await TestCluster.start();
 * // … services run with KAFKA_BROKERS=kafka.brokers
 * const leader = await kafka.cluster.leaderOf(topic, 0);
 * kafka.proxy(leader).conditions = { silent: 'both' };
 * await kafka.heal();
 * await kafka.stop();
 */
export class TestCluster {
  readonly cluster: EmbeddedCluster;
  readonly proxies: readonly FaultProxy[];
  private readonly temporary: string | undefined;

  private constructor(cluster: EmbeddedCluster, proxies: readonly FaultProxy[], temporary: string | undefined) {
    this.cluster = cluster;
    this.proxies = proxies;
    this.temporary = temporary;
  }

  static async start({ dataDir, nodes = 3, heapMb, random }: TestClusterOptions = {}): Promise<TestCluster> {
    const temporary = dataDir === undefined ? mkdtempSync(path.join(tmpdir(), 'millrace-cluster-')) : undefined;
    const proxies: FaultProxy[] = [];
    const advertise = async (port: number): Promise<number> => {
      const proxy = await FaultProxy.start({ brokers: `127.0.0.1:${port}`, ...(random && { random }) });
      proxies.push(proxy);
      return proxy.port;
    };
    try {
      const cluster = await EmbeddedCluster.start({ dataDir: dataDir ?? temporary!, nodes, advertise, ...(heapMb !== undefined && { heapMb }) });
      return new TestCluster(cluster, proxies, temporary);
    } catch (error) {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      if (temporary) rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** What services get as KAFKA_BROKERS: the proxies. */
  get brokers(): string {
    return this.cluster.brokers;
  }

  /** The proxy before node `index`. */
  proxy(index: number): FaultProxy {
    this.cluster.node(index);
    return this.proxies[index]!;
  }

  /** The same conditions before every node. */
  set conditions(conditions: LinkConditions) {
    for (const proxy of this.proxies) proxy.conditions = conditions;
  }

  /** All networks are good, all nodes run. */
  async heal(): Promise<void> {
    for (const proxy of this.proxies) {
      proxy.rules = [];
      proxy.conditions = {};
    }
    await Promise.all(
      this.cluster.nodes.map(async (node) => {
        if (node.isRunning && !node.answers) node.resume();
        await node.start();
      }),
    );
  }

  async stop(): Promise<void> {
    await this.cluster.kill();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    if (this.temporary) rmSync(this.temporary, { recursive: true, force: true });
  }
}
