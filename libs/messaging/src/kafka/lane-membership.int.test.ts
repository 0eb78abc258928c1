import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKey, FaultProxy, testKafka, until } from '@millrace/testing';
import type { KafkaCluster } from './cluster.ts';
import { LaneMembership } from './lane-membership.ts';
import { assignLanes } from './rendezvous.ts';
import { freshName, freshTopic, messages, testCluster } from './testing/broker.ts';
import { PlainProducer } from './plain-producer.ts';
import { TopicAdmin } from './topic-admin.ts';

const LANES = 4;
let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await testCluster();
}, 240_000);
afterAll(() => cluster.close());

/** A member and the lanes that its callbacks say it has. */
async function member(group: string, topics: string[], instance: string, through = cluster) {
  const lanes = new Set<number>();
  const log: string[] = [];
  const membership = await LaneMembership.join(through, {
    group, topics, lanes: LANES, instance,
    onAssigned: (come) => { log.push(`+${come}`); for (const lane of come) lanes.add(lane); },
    onRevoked: (gone) => { log.push(`-${gone}`); for (const lane of gone) lanes.delete(lane); },
    onCrash: (error) => { throw error; },
  });
  return { membership, lanes: () => [...lanes].sort(), log };
}

describe('LaneMembership', () => {
  it('shares lanes by the names of the members, moves few, and hands all over when one leaves', async () => {
    const topics = [await freshTopic(cluster, 'lanes-a', LANES), await freshTopic(cluster, 'lanes-b', LANES)];
    const producer = await PlainProducer.open(cluster);
    await producer.send(topics[0]!, 0, messages('not read by the membership'));
    const group = freshName('group');
    const share = assignLanes(['first', 'second'], LANES);

    const first = await member(group, topics, 'first');
    await until(() => first.lanes().length === LANES, { what: 'all lanes at the first member' });
    const second = await member(group, topics, 'second');
    await until(() => second.lanes().length === 2 && first.lanes().length === 2, { what: 'two lanes each' });
    expect([first.lanes(), second.lanes()]).toEqual([share.get('first'), share.get('second')]);
    // What stays is not given back in between.
    expect(first.log).toEqual(['+0,1,2,3', `-${share.get('second')}`]);

    const left = performance.now();
    await first.membership.leave();
    expect(first.lanes()).toEqual([]);
    await until(() => second.lanes().length === LANES, { what: 'all lanes at the second member' });
    expect(performance.now() - left).toBeLessThan(3000);
    expect(second.membership.lanes).toEqual([0, 1, 2, 3]);

    const admin = new TopicAdmin(cluster);
    expect([...(await admin.committedOffsets(group, topics)).values()].every(({ offset }) => offset === -1)).toBe(true);
    await Promise.all([second.membership.leave(), producer.close(), admin.close()]);
  });

  it('shares lanes between members that name different topics, as two versions of a service may', async () => {
    const topics = [await freshTopic(cluster, 'old', LANES), await freshTopic(cluster, 'new', LANES)];
    const group = freshName('group');
    const before = await member(group, [topics[0]!], 'first');
    const after = await member(group, [topics[1]!], 'second');
    await until(() => before.lanes().length === 2 && after.lanes().length === 2, { what: 'two lanes each' });
    expect([...before.lanes(), ...after.lanes()].sort()).toEqual([0, 1, 2, 3]);
    await Promise.all([before.membership.leave(), after.membership.leave()]);
  });

  it('keeps its lanes over several session timeouts without reading anything', async () => {
    const topic = await freshTopic(cluster, 'kept', LANES);
    const group = freshName('group');
    const log: string[] = [];
    const membership = await LaneMembership.join(cluster, {
      group, topics: [topic], lanes: LANES, instance: 'only', sessionTimeoutMs: 1000, heartbeatIntervalMs: 300,
      onAssigned: (lanes) => void log.push(`+${lanes}`), onRevoked: (lanes) => void log.push(`-${lanes}`), onCrash: (error) => void log.push(error.message),
    });
    await until(() => log.length === 1, { what: 'assignment' });
    const started = performance.now();
    await until(() => performance.now() - started > 3500, { what: 'three session timeouts' });
    const admin = await cluster.withAdmin((connected) => connected.describeGroups([group]));
    expect(admin.groups[0]!.members).toHaveLength(1);
    expect(log).toEqual(['+0,1,2,3']);
    await membership.leave();
  });
});

// kafkajs goes on after a joining that was cut short: with the generation of an assignment that it never got, or with no member id at all.
describe('a member whose joining is cut short', () => {
  async function behindProxy(requestTimeoutMs = 1000) {
    const proxy = await FaultProxy.start({ brokers: (await testKafka()).brokers });
    const far = await testCluster({ socketFactory: proxy.socketFactory, requestTimeoutMs });
    const end = async (...members: { membership: LaneMembership }[]): Promise<void> => {
      await Promise.all(members.map(({ membership }) => membership.leave()));
      await far.close();
      await proxy.stop();
    };
    return { proxy, far, topics: [await freshTopic(cluster, 'cut', LANES)], group: freshName('group'), end };
  }

  it.each(['first', 'second'])('learns which lanes are its own when the answer with them is lost (%s)', async (cut) => {
    const { proxy, far, topics, group, end } = await behindProxy();
    const share = assignLanes(['first', 'second'], LANES);
    const [first, second] = cut === 'first' ? [far, cluster] : [cluster, far];
    const one = await member(group, topics, 'first', first);
    await until(() => one.lanes().length === LANES, { what: 'all lanes at the first member' });
    proxy.once(ApiKey.syncGroup, 'drop-reply');
    const two = await member(group, topics, 'second', second);
    await until(() => one.lanes().length === 2 && two.lanes().length === 2, { what: 'two lanes each' });
    expect([one.lanes(), two.lanes()]).toEqual([share.get('first'), share.get('second')]);
    expect(proxy.faulted).toBe(1);
    await end(one, two);
  });

  it('joins again when the coordinator cannot be found at first', async () => {
    const { proxy, far, topics, group, end } = await behindProxy();
    const one = await member(group, topics, 'first', far);
    await until(() => one.lanes().length === LANES, { what: 'all lanes at the first member' });
    proxy.once(ApiKey.findCoordinator, 'drop-reply');
    const two = await member(group, topics, 'second');
    await until(() => one.lanes().length === 2 && two.lanes().length === 2, { what: 'two lanes each' });
    expect(proxy.faulted).toBe(1);
    await end(one, two);
  });

  it('is not confirmed by an answer of before its lanes went to others', async () => {
    const { proxy, far, topics, group, end } = await behindProxy(8000);
    const one = await member(group, topics, 'first', far);
    const two = await member(group, topics, 'second');
    await until(() => one.lanes().length === 2 && two.lanes().length === 2, { what: 'two lanes each' });
    // Longer than the session of 3 s and the next heartbeat of the other member.
    proxy.once(ApiKey.heartbeat, { delayMs: 5500 });
    await until(() => two.lanes().length === LANES, { what: 'all lanes at the member that is heard' });
    const gone = performance.now();
    const joins = proxy.countOf(ApiKey.joinGroup);
    const confirmed: number[] = [];
    await until(() => {
      if (proxy.countOf(ApiKey.joinGroup) === joins) confirmed.push(one.membership.confirmedAt);
      return one.lanes().length === 2 && two.lanes().length === 2;
    }, { what: 'two lanes each again', everyMs: 5 });
    expect(proxy.faulted).toBe(1);
    expect(Math.max(...confirmed)).toBeLessThan(gone);
    await end(one, two);
  });

  it('joins again when the group has forgotten it and the first try is lost', async () => {
    const { proxy, far, topics, group, end } = await behindProxy();
    const one = await member(group, topics, 'first', far);
    const two = await member(group, topics, 'second');
    await until(() => one.lanes().length === 2 && two.lanes().length === 2, { what: 'two lanes each' });
    proxy.conditions = { silent: 'both' };
    await until(() => two.lanes().length === LANES, { what: 'all lanes at the member that is heard' });
    proxy.once(ApiKey.joinGroup, 'drop-request');
    proxy.conditions = {};
    await until(() => one.lanes().length === 2 && two.lanes().length === 2, { what: 'two lanes each again' });
    expect(proxy.faulted).toBe(1);
    await end(one, two);
  });
});
