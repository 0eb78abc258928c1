import { rm } from 'node:fs/promises';
import { PredictionMade, decodeEvent, eventIdOf } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, Workspace } from '@millrace/messaging';
import { readTopic, until } from '@millrace/testing';
import { dataFolder } from '../drive/data-folder.ts';
import type { Standing } from '../drive/deployment.ts';
import type { ServiceName } from '../drive/service-names.ts';
import { Random } from '../random.ts';
import { encodeItem } from '../workload/encode-item.ts';
import { orderLoad, type Item } from '../workload/order-load.ts';
import { Poster } from '../workload/poster.ts';
import { BareDeployment } from './bare-deployment.ts';

export const chainServices = ['ingestion', 'feature-store', 'inference'] as const;
const model = 'late-payment';
const minute = 60_000;

/** Ingestion, feature store and inference with a champion, and nothing else that would need the processors. */
export class Chain {
  readonly deployment: BareDeployment;
  private readonly stop: () => Promise<void>;
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private readonly producer: PlainProducer;
  private readonly random = new Random('chain');
  private readonly firstOrder: number;
  private readonly begin: number;
  private posted = 0;
  /** Numbers of the orders that the broker has acknowledged. */
  readonly acknowledged: number[] = [];

  private constructor(deployment: BareDeployment, stop: () => Promise<void>, cluster: KafkaCluster, workspace: Workspace, producer: PlainProducer, orders: number, begin: number) {
    this.deployment = deployment;
    this.stop = stop;
    this.cluster = cluster;
    this.workspace = workspace;
    this.producer = producer;
    this.firstOrder = orders + 1;
    this.begin = begin;
  }

  /**
   * All services train a first version; then those that do not answer events are ended.
   *
   * @param onStart told how to end early what was started
   */
  static async open(onProgress: (line: string) => void, onStart: (stop: () => Promise<unknown>) => void = () => undefined): Promise<Chain> {
    const folder = dataFolder('overload');
    const workspace = new Workspace({ prefix: 'chain', lanes: 1, slots: 2 });
    onProgress('starting all services');
    const starting = BareDeployment.start(folder, workspace.prefix);
    const stop = async (): Promise<void> => {
      await starting.then((deployment) => deployment.stop(), () => undefined);
      await rm(folder, { recursive: true, force: true });
    };
    onStart(stop);
    try {
      return await Chain.withChampion(await starting, workspace, stop, onProgress);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  private static async withChampion(deployment: BareDeployment, workspace: Workspace, stop: () => Promise<void>, onProgress: (line: string) => void): Promise<Chain> {
    const items = orderLoad({ seed: 1, orders: 600, poison: 0 });
    onProgress('a first version learns from 600 orders');
    const poster = new Poster({ brokers: deployment.kafka.brokers, workspace: workspace.prefix, ids: deployment.schemaIds, rate: 400, random: new Random('poster'), http: 0, door: () => undefined });
    await poster.post(items);
    const inference = deployment.service('inference');
    await until(async () => (await inference.get<{ slots: { adopted: { epoch: number } | null }[] }>('routes'))?.slots.every(({ adopted }) => adopted !== null && adopted.epoch > 0), { what: 'an adopted route', timeoutMs: 120_000, everyMs: 200 });
    for (const service of deployment.services) if (!(chainServices as readonly string[]).includes(service.name)) await service.stop();
    const cluster = new KafkaCluster({ brokers: [deployment.kafka.brokers], clientId: 'overload' });
    const last = Math.max(...items.map((item) => ('event' in item && item.stream === 'orders' ? item.event.placedAt : 0)));
    return new Chain(deployment, stop, cluster, workspace, await PlainProducer.open(cluster), 600, last);
  }

  /** Posts orders, one second of event time apart, and returns when they are on their way. */
  post(count: number): void {
    const first = this.firstOrder + this.posted;
    this.posted += count;
    const items: Item[] = Array.from({ length: count }, (_, index) => {
      const order = first + index;
      return { stream: 'orders', event: { order, customer: `c${this.random.whole(0, 39)}`, placedAt: this.begin + minute + (order - this.firstOrder) * 1000, amount: this.random.whole(1, 1600) / 4, items: this.random.whole(1, 9) } };
    });
    void this.producer.send(this.workspace.topic('events.<stream>', { stream: 'orders' }), 0, items.map((item) => ({ key: 'orders', value: encodeItem(item, this.deployment.schemaIds) }))).then(() => {
      for (let index = 0; index < count; index++) this.acknowledged.push(first + index);
    });
  }

  /** Posts at a rate, each hundredth of a second what is due. */
  async load(rate: number, seconds: number): Promise<void> {
    const start = performance.now();
    let sent = 0;
    const total = Math.floor(rate * seconds);
    await new Promise<void>((resolve) => {
      const tick = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate));
        // One request holds so many records at most.
        for (; sent < due; sent += Math.min(2000, due - sent)) this.post(Math.min(2000, due - sent));
        if (sent < total) return;
        clearInterval(tick);
        resolve();
      }, 10);
    });
  }

  /** Records that wait before each service, and those that the producer still holds. */
  async backlog(): Promise<Record<ServiceName | 'producer', number>> {
    const waiting = await Promise.all(chainServices.map(async (name) => {
      const standing = await this.deployment.service(name).get<Standing>('status');
      if (!standing) return [name, NaN];
      return [name, standing.loops.flatMap(({ lag }) => Object.values(lag)).reduce((sum, lag) => sum + lag, 0)];
    }));
    return { ...Object.fromEntries(waiting), producer: this.posted - this.acknowledged.length } as Record<ServiceName | 'producer', number>;
  }

  /** How many acknowledged orders have no committed prediction, and how many have several. */
  async outcome(): Promise<{ lost: number; doubled: number; predicted: number }> {
    const counts = new Map<string, number>();
    for (const { value } of await readTopic({ brokers: this.deployment.kafka.brokers, topic: this.workspace.topic('predictions.<model>', { model }) })) {
      const event = decodeEvent(value);
      if (event instanceof PredictionMade) counts.set(event.eventId.toString('hex'), (counts.get(event.eventId.toString('hex')) ?? 0) + 1);
    }
    const times = this.acknowledged.map((order) => counts.get(eventIdOf('orders', order).toString('hex')) ?? 0);
    return { lost: times.filter((count) => count === 0).length, doubled: times.filter((count) => count > 1).length, predicted: counts.size };
  }

  pids(): Record<string, number | undefined> {
    return Object.fromEntries([...chainServices.map((name) => [name, this.deployment.service(name).pid] as const), ['broker', this.deployment.kafka.pid] as const]);
  }

  async close(): Promise<void> {
    try {
      await this.producer.close();
      await this.cluster.close();
    } finally {
      await this.stop();
    }
  }
}
