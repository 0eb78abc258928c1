import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { formatStorage, newClusterId, type BrokerRuntime } from './broker-command.ts';
import { BrokerFiles, type BrokerPorts } from './broker-files.ts';
import { classArchive } from './class-archive.ts';
import { ClusterNode } from './cluster-node.ts';
import { choosePort } from './free-port.ts';
import { infraDirectory } from './infra-directory.ts';
import { kafkaJars } from './kafka-jars.ts';
import { lead, placeOf } from './partition-leaders.ts';
import { requireJava } from './require-java.ts';
import { requireSpace, requireWritable } from './writable-directory.ts';

const NEEDED_BYTES = 300e6;

export interface EmbeddedClusterOptions {
  /** One folder per node below it; made when missing, continued when not. */
  dataDir: string;
  /** 1 or 3, default 3. All topics have as many replicas; writes wait for two of three. */
  nodes?: 1 | 3;
  /** Jars and class archives; default `.cache` beside `infra`. */
  cacheDir?: string;
  /** Of each node; default 256. */
  heapMb?: number;
  /** Gives the port that clients of a node are told to come to; called once per node, before any of them starts. Default: the node's own. */
  advertise?: (port: number, index: number) => number | Promise<number>;
  onProgress?: (line: string) => void;
}

/**
 * Several Kafka nodes on this machine, each broker and controller, to lose some of them.
 *
 * @example
 * const cluster = await EmbeddedCluster.start({ dataDir: '/tmp/cluster', nodes: 3 });
 * await cluster.node(await cluster.leaderOf('predictions.flight-delay', 0)).kill();
 */
export class EmbeddedCluster {
  readonly nodes: readonly ClusterNode[];

  private constructor(nodes: readonly ClusterNode[]) {
    this.nodes = nodes;
  }

  /** Resolves when all nodes have joined. @throws MillraceError as `EmbeddedKafka.start` */
  static async start(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
    const { nodes: count = 3, heapMb = 256, advertise = (port: number) => port, onProgress = () => undefined } = options;
    const infra = path.join(infraDirectory(), 'kafka');
    const cacheDir = path.resolve(options.cacheDir ?? path.join(infra, '..', '..', '.cache'));
    const dataDir = path.resolve(options.dataDir);
    requireWritable(dataDir);
    requireSpace(dataDir, count * NEEDED_BYTES);
    const java = requireJava();
    const jars = await kafkaJars(path.join(infra, 'pom.xml'), cacheDir, onProgress);
    const logging = path.join(infra, 'log4j2.yaml');
    const single = readFileSync(path.join(infra, 'server.properties'), 'utf8');
    const template = `${single}\n${readFileSync(path.join(infra, 'cluster.properties'), 'utf8')}`;
    const archive = await classArchive({ java, jars, logging, template: single, cacheDir, onProgress });
    const runtime: BrokerRuntime = { java, jars, logging, archive, heapMb };

    const files = Array.from({ length: count }, (_, index) => new BrokerFiles(path.join(dataDir, `node-${index}`)));
    const ports: Required<BrokerPorts>[] = [];
    for (const each of files) ports.push(await portsOf(each));
    const voters = ports.map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`).join(',');
    const clusterId = clusterIdOf(path.join(dataDir, 'cluster.id'));
    const nodes: ClusterNode[] = [];
    for (const [index, each] of files.entries()) {
      const port = ports[index]!.broker;
      const advertisedPort = await advertise(port, index);
      const more = { nodeId: index + 1, voters, advertisedPort, nodes: count, minInSync: Math.min(2, count) };
      each.writeProperties(template, ports[index]!, Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)])));
      if (!each.isFormatted) await formatStorage(runtime, each, clusterId);
      nodes.push(new ClusterNode({ index, port, advertisedPort }, runtime, each));
    }
    const cluster = new EmbeddedCluster(nodes);
    try {
      await Promise.all(nodes.map((node) => node.start()));
    } catch (error) {
      await cluster.kill();
      throw error;
    }
    return cluster;
  }

  /** Addresses for clients, `host:port` of every node with commas between them. */
  get brokers(): string {
    return this.nodes.map(({ advertisedPort }) => `127.0.0.1:${advertisedPort}`).join(',');
  }

  /** @throws MillraceError NODE_UNKNOWN */
  node(index: number): ClusterNode {
    const node = this.nodes[index];
    if (!node) throw new MillraceError('NODE_UNKNOWN', `there is no node ${index}`, { hint: `nodes are 0 to ${this.nodes.length - 1}` });
    return node;
  }

  /** Index of the node that leads a partition; -1 while none does. */
  async leaderOf(topic: string, partition: number): Promise<number> {
    return (await placeOf(this.anyPort(), topic, partition)).leader - 1;
  }

  /** Indices of the nodes whose replicas are in sync. */
  async inSyncOf(topic: string, partition: number): Promise<number[]> {
    return (await placeOf(this.anyPort(), topic, partition)).inSync.map((id) => id - 1);
  }

  /**
   * Moves the lead of a partition to another node that is in sync, without ending any. Default: the next one.
   * @returns index of the new leader
   * @throws MillraceError LEADER_NOT_MOVED
   */
  async moveLeader(topic: string, partition: number, to?: number): Promise<number> {
    const port = this.anyPort();
    const { leader, inSync } = await placeOf(port, topic, partition);
    const sorted = [...inSync].sort((a, b) => a - b);
    const next = to === undefined ? (sorted.find((id) => id > leader) ?? sorted[0]!) : this.node(to).id;
    await lead(port, topic, partition, next);
    return next - 1;
  }

  /** Orderly end of all nodes, at the same time. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  private anyPort(): number {
    const node = this.nodes.find(({ answers }) => answers);
    if (!node) throw new MillraceError('NOT_RUNNING', 'no node of the cluster runs');
    return node.port;
  }
}

async function portsOf(files: BrokerFiles): Promise<Required<BrokerPorts>> {
  mkdirSync(files.directory, { recursive: true });
  files.requireUnused();
  const last = files.lastPorts();
  return {
    broker: await choosePort(undefined, last.broker, 'a Kafka broker'),
    controller: await choosePort(undefined, last.controller, 'a Kafka controller'),
    replication: await choosePort(undefined, last.replication, 'the replication of a Kafka broker'),
  };
}

/** Nodes find each other only with one id. */
function clusterIdOf(file: string): string {
  if (!existsSync(file)) writeFileSync(file, newClusterId());
  return readFileSync(file, 'utf8');
}
