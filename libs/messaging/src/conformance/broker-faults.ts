import { ApiKey, type LinkConditions, type TestCluster } from '@millrace/testing';
import { pause } from './seeded.ts';

export const workerFaults = ['worker-kill', 'worker-zombie'] as const;
export const brokerFaults = [
  'broker-kill', 'broker-stop', 'broker-pause', 'leader-move', 'half-open', 'no-requests', 'no-answers', 'reset', 'cut-mid-answer', 'slow', 'narrow', 'lost-reply', 'lost-request', 'late-request',
] as const;
export type FaultKind = (typeof workerFaults)[number] | (typeof brokerFaults)[number];

type Place = { topic: string; partition: number };

const WRITES = ['produce', 'addPartitionsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn', 'initProducerId', 'findCoordinator', 'metadata', 'fetch', 'offsetFetch', 'heartbeat', 'joinGroup', 'syncGroup'] as const;

/** Breaks one of three nodes or the network before it, and heals it again. */
export class BrokerFaults {
  private readonly kafka: TestCluster;
  private readonly places: readonly Place[];
  private readonly random: () => number;

  constructor(kafka: TestCluster, places: readonly Place[], random: () => number) {
    this.kafka = kafka;
    this.places = places;
    this.random = random;
  }

  /** Resolves when it has healed. */
  async inflict(kind: FaultKind, say: (text: string) => void = () => undefined): Promise<void> {
    const { random } = this;
    // All chance is taken before the first wait: what runs beside it must not change what happens here.
    const [index, lasts, place, api, late] = [this.below(3), random(), this.places[this.below(this.places.length)]!, WRITES[this.below(WRITES.length)]!, 500 + random() * 15_000];
    const node = this.kafka.cluster.node(index);
    const proxy = this.kafka.proxy(index);
    const conditions = (now: LinkConditions, leastMs: number, mostMs: number): Promise<void> => this.during(index, now, leastMs + lasts * (mostMs - leastMs));
    switch (kind) {
      case 'broker-kill':
        await node.kill();
        await pause(lasts * 8000);
        return node.start();
      case 'broker-stop':
        await node.stop();
        await pause(lasts * 3000);
        return node.start();
      case 'broker-pause':
        node.pause();
        await pause(1000 + lasts * 9000);
        return node.resume();
      case 'leader-move':
        return void (await this.kafka.cluster.moveLeader(place.topic, place.partition).catch((error: Error) => say(error.message)));
      case 'half-open':
        return conditions({ silent: 'both' }, 1000, 14_000);
      case 'no-requests':
        return conditions({ silent: 'requests' }, 1000, 14_000);
      case 'no-answers':
        return conditions({ silent: 'answers' }, 1000, 14_000);
      case 'reset':
        return proxy.reset();
      case 'cut-mid-answer':
        return conditions({ cutAfterBytes: Math.floor(50 + lasts * 5000) }, 500, 3000);
      case 'slow':
        return conditions({ latencyMs: 20 + lasts * 200, jitterMs: 200 }, 1000, 5000);
      case 'narrow':
        return conditions({ bytesPerSecond: 20_000 }, 1000, 5000);
      case 'lost-reply':
        return proxy.once(ApiKey[api], 'drop-reply');
      case 'lost-request':
        return proxy.once(ApiKey[api], 'drop-request');
      case 'late-request':
        return proxy.once(ApiKey[api], { holdUntil: pause(late) });
      default:
        throw new Error(`${kind} is no fault of a broker`);
    }
  }

  private async during(index: number, now: LinkConditions, ms: number): Promise<void> {
    const proxy = this.kafka.proxy(index);
    proxy.conditions = now;
    await pause(ms);
    proxy.conditions = {};
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}
