import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '@millrace/testing';
import type { VectorComputed } from '@millrace/contracts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import { InputFeed } from './input-feed.ts';
import { vector } from './testing/slot-world.ts';
import { World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
beforeAll(async () => {
  world = await World.open({ models: ['a', 'b', 'c'] });
}, 240_000);
afterAll(() => world.close());

async function feedOf(model: string, target?: number): Promise<{ feed: InputFeed; reader: PartitionReader; name: string }> {
  const name = world.topic('feature-vectors.<model>', { model });
  const reader = await PartitionReader.open(world.cluster, [{ topic: name, partition: 0, offset: 0 }]);
  const feed = new InputFeed(reader, [{ name, topic: 'v', partition: 0 }], new Map([['v', 0]]), false, target === undefined ? undefined : new Map([['v', target]]));
  return { feed, reader, name };
}
const topicOf = (model: string): string => `feature-vectors.${model}`;
const ids = (reads: { event: unknown }[]): string[] => reads.map(({ event }) => (event as VectorComputed).entityKeys[0]!);

describe('InputFeed', () => {
  it('hands out what stands before a record that is no event, then fails at every call, whatever a fetch ahead has seen', async () => {
    await world.post(topicOf('a'), ...['1', '2', '3', '4', '5'].map(vector));
    const { feed, reader, name } = await feedOf('a');
    expect(ids(await feed.take(2))).toEqual(['1', '2']);
    const poison = await world.postBytes(topicOf('a'), 0, Buffer.from('no event'));
    expect(ids(await feed.take(2))).toEqual(['3', '4']);
    // The fetch ahead may have been sent before the record was there; the next one is not.
    await until(async () => (await feed['fetch'](2).catch(() => undefined), reader.position(name, 0) > poison), { what: 'a fetch ahead over the record' });
    await world.post(topicOf('a'), vector('6'));
    expect(ids(await feed.take(2))).toEqual(['5']);
    for (let call = 0; call < 3; call++) await expect(feed.take(2)).rejects.toMatchObject({ code: 'UNDECODABLE' });
    expect(feed.positions().get('v')).toBe(5);
    await feed.close();
  });

  it('reads a fold up to its target and not beyond', async () => {
    await world.post(topicOf('b'), ...['1', '2', '3', '4', '5'].map(vector));
    const { feed } = await feedOf('b', 3);
    const taken: string[] = [];
    while (!feed.reached()) taken.push(...ids(await feed.take(2)));
    expect(taken).toEqual(['1', '2', '3']);
    expect(feed.positions().get('v')).toBe(3);
    await feed.close();
  });

  it('ends a long poll when it is interrupted or closed', async () => {
    const { feed } = await feedOf('c');
    const waiting = feed.take(10);
    feed.interrupt();
    expect(await waiting).toEqual([]);
    const closing = feed.take(10);
    await feed.close();
    expect(await closing).toEqual([]);
  });
});
