import { setTimeout as delay } from 'node:timers/promises';
import { ApiKey, type FaultRule, type LinkConditions } from '@millrace/testing';
import type { Random } from '../random.ts';
import type { FaultContext, Scenario } from './scenario.ts';

const seconds = (of: number, signal: AbortSignal): Promise<void> => delay(of * 1000, undefined, { signal }).catch(() => undefined);

const apis = ['produce', 'fetch', 'offsetFetch', 'initProducerId', 'addPartitionsToTxn', 'addOffsetsToTxn', 'endTxn', 'txnOffsetCommit'] as const;

/** Requests whose answer is lost, which never arrive, or are late: the next few of one kind. */
function lossOf(random: Random, seen: number): { rules: FaultRule[]; text: string } {
  const api = random.pick(apis);
  const fault = random.pick(['drop-reply', 'drop-reply', 'drop-request', { delayMs: random.whole(500, 6000) }] as const);
  const first = seen + random.whole(1, 20);
  const rules = Array.from({ length: random.whole(1, 3) }, (_, index) => ({ apiKey: ApiKey[api], nth: first + index, fault }));
  return { rules, text: `${typeof fault === 'string' ? fault : `delay by ${fault.delayMs} ms`} of ${rules.length} ${api}` };
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

async function inject({ deployment, random, note, signal }: FaultContext): Promise<void> {
  const index = random.whole(0, deployment.kafka.proxies.length - 1);
  const proxy = deployment.kafka.proxy(index);
  if (random.chance(0.5)) {
    const counts = new Map<number, number>();
    for (const { apiKey, nth } of proxy.seen) counts.set(apiKey, Math.max(nth, counts.get(apiKey) ?? 0));
    const { rules, text } = lossOf(random, 0);
    proxy.rules = rules.map((rule) => ({ ...rule, nth: rule.nth! + (counts.get(rule.apiKey) ?? 0) }));
    return note(`broker ${index}: ${text}`);
  }
  if (random.chance(0.3)) {
    note(`broker ${index}: all connections are cut`);
    return proxy.cut();
  }
  const { conditions, text } = badLink(random);
  const pause = random.between(1, 9);
  note(`broker ${index}: ${text} for ${pause.toFixed(1)} s`);
  proxy.conditions = conditions;
  await seconds(pause, signal);
  proxy.conditions = {};
}

export const network: Scenario = {
  name: 'network',
  about: 'the network to the broker is slow, cut, half-open or one-way; single answers and requests are lost or late',
  every: [0.3, 2],
  inject,
};

export const threeBrokers: Scenario = {
  name: 'three-brokers',
  about: 'one of three brokers is killed, ended or stands still, and leaders move',
  every: [2, 6],
  brokers: 3,
  async inject({ deployment, random, note, signal }) {
    const { cluster } = deployment.kafka;
    const kind = random.pick(['kill', 'stop', 'pause', 'move', 'move']);
    if (kind === 'move') {
      const topic = random.pick(['event-ingested', 'predictions.late-payment', 'events.orders', 'rollouts', '__transaction_state']);
      const name = topic.startsWith('__') ? topic : `${deployment.options.workspace}.${topic}`;
      try {
        return note(`leader of ${topic} moves to broker ${await cluster.moveLeader(name, 0)}`);
      } catch (error) {
        return note(`leader of ${topic} does not move: ${(error as Error).message}`);
      }
    }
    const index = random.whole(0, 2);
    const node = cluster.node(index);
    const pause = random.between(1, 12);
    note(`broker ${index}: ${kind} for ${pause.toFixed(1)} s`);
    if (kind === 'pause') {
      node.pause();
      await seconds(pause, signal);
      return node.resume();
    }
    await (kind === 'kill' ? node.kill() : node.stop());
    await seconds(pause, signal);
    await node.start();
    note(`broker ${index} is back`);
  },
};

export const badNetworkOfThree: Scenario = {
  name: 'network-of-three',
  about: 'the network to one of three brokers is slow, cut, half-open or one-way; answers and requests are lost or late',
  every: [0.3, 2],
  brokers: 3,
  inject,
};
