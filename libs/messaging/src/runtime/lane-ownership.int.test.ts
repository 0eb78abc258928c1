import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { freshName, freshTopic, testCluster } from '../kafka/testing/broker.ts';
import { LaneOwnership } from './lane-ownership.ts';

let cluster: KafkaCluster;
beforeAll(async () => {
  cluster = await testCluster();
}, 240_000);
afterAll(() => cluster.close());

describe('the claim to a lane', () => {
  it('is confirmed by the group for lanes that are held, and not for those that went to another instance', async () => {
    const [topic, group] = [await freshTopic(cluster, 'lanes', 2), freshName('group')];
    const failures: string[] = [];
    const [first, second] = ['a', 'b'].map((instance) => new LaneOwnership({ sharing: 'group', cluster, instance }, (reason) => void failures.push(reason)));
    const lanes = (ownership: LaneOwnership) => ownership.lanes(group, topic, 2, () => Promise.resolve());
    const confirmed = (since: number) => [0, 1].filter((lane) => first!.claim(group, lane).confirmedSince(since));
    try {
      await until(() => lanes(first!).length === 2, { what: 'both lanes in the first' });
      await until(() => confirmed(0).length === 2, { what: 'both claims' });
      lanes(second!);
      await until(() => lanes(first!).length === 1, { what: 'one lane in the first', timeoutMs: 15_000 });
      const [kept] = lanes(first!);
      const since = performance.now();
      await until(() => confirmed(since).length > 0, { what: 'a confirmation' });
      expect(confirmed(since)).toEqual([kept]);
    } finally {
      await Promise.all([first!.leave(), second!.leave()]);
    }
    expect(failures).toEqual([]);
  }, 30_000);
});
