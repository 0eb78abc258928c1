import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import { TransactionalWriter } from '../kafka/transactional-writer.ts';
import { BroadcastFollower } from './broadcast-follower.ts';
import { lastRecords } from './last-records.ts';
import { readTopics } from './read-topics.ts';
import type { StreamSpec } from './stream-spec.ts';
import { NewLeader } from './testing/new-leader.ts';
import { SlotState, rollout, slotGroup, vector } from './testing/slot-world.ts';
import { World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
let leader: NewLeader;
beforeEach(async () => {
  world = await World.open();
}, 240_000);
afterEach(async () => {
  leader.catchUp();
  await world.close();
  await leader.close();
});

const goOn = (): void => undefined;
/** What it gives must come only when the leader has caught up. */
async function onlyAfter<T>(reading: Promise<T>): Promise<T> {
  const early = jest.fn();
  void reading.then(early, early);
  await until(() => leader.fetches > 2 || early.mock.calls.length > 0, { what: 'fetches that see the earlier end' });
  expect(early).not.toHaveBeenCalled();
  leader.catchUp();
  return reading;
}

describe('a leader that has just been elected and lets fetches see less than was acknowledged', () => {
  /** Reads `rollouts`, of which the second record is not to be seen. */
  async function follower(): Promise<{ follower: BroadcastFollower; state: SlotState }> {
    await world.post('rollouts', rollout(1));
    await world.post('rollouts', rollout(2));
    leader = new NewLeader(world.brokers, world.topic('rollouts'), 1);
    const spec = { broadcasts: [{ name: world.topic('rollouts'), topic: 'rollouts', partition: 0 }], handlers: slotGroup().handlers } as unknown as StreamSpec;
    return { follower: new BroadcastFollower(leader, spec), state: new SlotState() };
  }

  it('is waited for by a loop that begins', async () => {
    const { follower: broadcasts, state } = await follower();
    await onlyAfter(broadcasts.readToEnd(state));
    expect(state.version).toBe(2);
    await broadcasts.close();
  });

  it('is asked again while it does not tell its end', async () => {
    const { follower: broadcasts, state } = await follower();
    leader.refusals = 3;
    await onlyAfter(broadcasts.readToEnd(state));
    expect(leader.refusals).toBeLessThan(0);
    expect(state.version).toBe(2);
    await broadcasts.close();
  });

  it('does not hold up what comes between two batches', async () => {
    const { follower: broadcasts } = await follower();
    expect((await broadcasts.arrived()).reads).toHaveLength(1);
    await broadcasts.close();
  });

  it('is waited for by who folds whole topics', async () => {
    await world.post('rollouts', rollout(1));
    await world.post('rollouts', rollout(2));
    leader = new NewLeader(world.brokers, world.topic('rollouts'), 1);
    expect(await onlyAfter(readTopics(leader, [{ name: world.topic('rollouts'), topic: 'rollouts', partition: 0 }]))).toHaveLength(2);
  });

  it('is waited for by who looks for the last record of a partition', async () => {
    const [topic, id] = [world.topic('serving'), { transactionalId: `${world.workspace.prefix}.tail`, group: `${world.workspace.prefix}.tail` }];
    const writer = await TransactionalWriter.open(world.cluster, id);
    for (const at of ['old', 'new']) await writer.transact({ sends: [{ topic, partition: 0, messages: [{ key: at, value: Buffer.from(at), headers: { at } }] }], offsets: [] });
    await writer.close();
    leader = new NewLeader(world.brokers, topic, 2);
    const admin = new TopicAdmin(world.cluster);
    const [last] = await onlyAfter(lastRecords([{ name: topic, topic: 'serving', partition: 0 }], leader, admin, goOn));
    expect(String(last!.headers['at'])).toBe('new');
    await admin.close();
  });
});

describe('broadcasts that end before the mark of a loop', () => {
  it('let it begin again, in words, until they show it', async () => {
    const group = slotGroup((_, { version, adopted }) => {
      if (version < adopted) throw new MillraceError('LOG_BEHIND', `rollouts ends at version ${version}`, { retriable: true });
    });
    const first = await world.start({ streams: [group] });
    await world.post('rollouts', rollout(1));
    await world.post('rollouts', rollout(2));
    await until(() => world.ends('serving').then((said) => said > 0), { what: 'an adopted version' });
    await world.post('feature-vectors.<model>', vector('v1'));
    await until(() => world.ends('predictions.<model>').then((said) => said === 1), { what: 'a prediction' });
    await first.stop();
    leader = new NewLeader(world.brokers, world.topic('rollouts'), 1);
    leader.isDeposed = true;
    const second = await world.start({ streams: [group] }, { cluster: leader });
    await world.post('feature-vectors.<model>', vector('v2'));
    await until(() => world.lines.filter((line) => line.includes('begins again: rollouts ends at version 1 (LOG_BEHIND)')).length > 1, { what: 'more than one try' });
    leader.catchUp();
    await until(() => world.ends('predictions.<model>').then((said) => said === 2), { what: 'a prediction by what came to light' });
    expect((await world.read('predictions.<model>')).map(({ event }) => (event as { version?: number }).version)).toEqual([2, 2]);
    expect(second.states()[0]).toMatchObject({ state: 'running', error: undefined });
  });
});
