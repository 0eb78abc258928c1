import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '@millrace/testing';
import type { KafkaCluster } from './cluster.ts';
import { LaneMembership } from './lane-membership.ts';
import { freshName, freshTopic, testCluster } from './testing/broker.ts';

let cluster: KafkaCluster;
beforeEach(async () => {
  cluster = await testCluster();
}, 240_000);
afterEach(() => cluster.close());

describe('a membership', () => {
  it('is kept when the clock is stepped back by an hour', async () => {
    const joins: number[][] = [];
    const membership = await LaneMembership.join(cluster, {
      group: freshName('group'), topics: [await freshTopic(cluster, 'clock', 2)], lanes: 2, instance: 'only', sessionTimeoutMs: 1000, heartbeatIntervalMs: 300,
      onAssigned: (lanes) => void joins.push(lanes), onRevoked: () => undefined, onCrash: (error) => { throw error; },
    });
    await until(() => joins.length === 1, { what: 'the assignment' });
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    const steppedAt = performance.now();
    await until(() => membership.confirmedAt > steppedAt + 3000, { what: 'heartbeats over three sessions' });
    const confirmed = membership.confirmedAt;
    clock.mockRestore();
    expect(confirmed - steppedAt).toBeLessThan(4500);
    await membership.leave();
  });
});
