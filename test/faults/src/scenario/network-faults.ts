import { setTimeout as delay } from 'node:timers/promises';
import { ApiKey, type LinkConditions } from '@millrace/testing';
import type { Random } from '../random.ts';
import type { FaultContext, Scenario } from './scenario.ts';

/** Requests without which nothing is written, committed, found again or owned. */
const lossy = [
  'produce', 'fetch', 'offsetFetch', 'initProducerId', 'addPartitionsToTxn', 'addOffsetsToTxn', 'endTxn', 'txnOffsetCommit',
  'metadata', 'listOffsets', 'findCoordinator', 'offsetCommit', 'joinGroup', 'syncGroup', 'heartbeat', 'leaveGroup',
] as const;
const seconds = (of: number, signal: AbortSignal): Promise<void> => delay(of * 1000, undefined, { signal }).catch(() => undefined);

/** Requests of one kind whose answer is lost, which never arrive, or are late: the next few of those that clients do send. */
function loss({ proxies }: FaultContext['deployment']['kafka'], index: number, random: Random): string | undefined {
  const proxy = proxies[index]!;
  const sent = lossy.filter((name) => proxy.countOf(ApiKey[name]) > 0);
  if (sent.length === 0) return undefined;
  const api = random.pick(sent);
  const fault = random.pick(['drop-reply', 'drop-reply', 'drop-request', { delayMs: random.whole(500, 6000) }] as const);
  const count = random.whole(1, 3);
  proxy.next(ApiKey[api], fault, { count, skip: random.whole(0, 2) });
  return `${typeof fault === 'string' ? fault : `delay by ${fault.delayMs} ms`} of ${count} ${api}`;
}

function badLink(random: Random): { conditions: LinkConditions; text: string } {
  const conditions = random.pick<LinkConditions>([
    { latencyMs: random.whole(5, 60), jitterMs: random.whole(0, 60) },
    { bytesPerSecond: random.whole(20, 200) * 1000 },
    { silent: 'both' },
    { silent: 'requests' },
    { silent: 'answers' },
    { refuses: true },
    { cutAfterBytes: random.whole(100, 20_000) },
  ]);
  return { conditions, text: JSON.stringify(conditions) };
}

async function inject({ deployment, random, note, signal }: FaultContext): Promise<boolean> {
  const index = random.whole(0, deployment.kafka.proxies.length - 1);
  const proxy = deployment.kafka.proxy(index);
  if (random.chance(0.5)) {
    const text = loss(deployment.kafka, index, random);
    if (text) note(`broker ${index}: ${text}`);
    // The proxy counts the requests that it hits.
    return false;
  }
  if (random.chance(0.3)) {
    const connections = proxy.cut();
    note(`broker ${index}: all ${connections} connections are cut`);
    return connections > 0;
  }
  const { conditions, text } = badLink(random);
  const pause = random.between(1, 9);
  note(`broker ${index}: ${text} for ${pause.toFixed(1)} s`);
  proxy.conditions = conditions;
  await seconds(pause, signal);
  proxy.conditions = {};
  return true;
}

export const network: Scenario = {
  name: 'network',
  about: 'the network to the broker is slow, cut, half-open or one-way; single answers and requests are lost or late',
  indirectly: 'requests',
  every: [0.3, 2],
  inject,
};

export const threeBrokers: Scenario = {
  name: 'three-brokers',
  about: 'one of three brokers is killed, ended or stands still, and leaders move',
  target: 'broker',
  every: [2, 6],
  brokers: 3,
  async inject({ deployment, random, note, signal }) {
    const { cluster } = deployment.kafka;
    const kind = random.pick(['kill', 'stop', 'pause', 'move', 'move']);
    if (kind === 'move') {
      const topic = random.pick(['event-ingested', 'predictions.late-payment', 'events.orders', 'rollouts', '__transaction_state']);
      const name = topic.startsWith('__') ? topic : `${deployment.options.workspace}.${topic}`;
      try {
        note(`leader of ${topic} moves to broker ${await cluster.moveLeader(name, 0)}`);
        return true;
      } catch (error) {
        note(`leader of ${topic} does not move: ${(error as Error).message}`);
        return false;
      }
    }
    const index = random.whole(0, 2);
    const node = cluster.node(index);
    const pause = random.between(1, 12);
    note(`broker ${index}: ${kind} for ${pause.toFixed(1)} s`);
    if (kind === 'pause') {
      node.pause();
      await seconds(pause, signal);
      node.resume();
      return true;
    }
    await (kind === 'kill' ? node.kill() : node.stop());
    await seconds(pause, signal);
    await node.start();
    note(`broker ${index} is back`);
    return true;
  },
};

export const badNetworkOfThree: Scenario = {
  name: 'network-of-three',
  about: 'the network to one of three brokers is slow, cut, half-open or one-way; answers and requests are lost or late',
  indirectly: 'requests',
  every: [0.3, 2],
  brokers: 3,
  inject,
};
