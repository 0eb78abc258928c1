import { describe, expect, it } from '@jest/globals';
import type { FetchedBatch } from '../kafka/partition-reader.ts';
import { PartitionFeed } from './partition-feed.ts';

const inputs = ['first', 'second', 'other'].map((topic) => ({ name: `ws.${topic}`, topic, partition: 0, stream: topic }));
const own = new Set(['first', 'second']);

/** What request `fetch` brought of a topic: the records with these offsets, up to `next`; transactions are open from there to `highWatermark`. */
function batch(topic: string, fetch: number, offsets: number[], next: number, highWatermark = next, arrived = fetch): FetchedBatch {
  const records = offsets.map((offset) => ({ offset, timestamp: 0, key: null, value: null, headers: {} }));
  return { topic: `ws.${topic}`, partition: 0, records, next, atEnd: true, fetch, arrived, highWatermark, lastStableOffset: next, logStartOffset: 0 };
}

/** A feed whose answers come in the order given; a broker cannot be told when to answer. */
function feedOf(...polls: (FetchedBatch[] | Promise<FetchedBatch[]>)[]): PartitionFeed {
  return new PartitionFeed({ poll: async () => polls.shift() ?? [], close: async () => undefined }, inputs, new Map(inputs.map(({ name }) => [`${name}/0`, 0])));
}

describe('offsets', () => {
  it('lie behind what was handed out, not behind what has come since', async () => {
    let arrive = (_: FetchedBatch[]): void => undefined;
    const feed = feedOf([batch('first', 1, [0, 1], 2)], new Promise<FetchedBatch[]>((resolve) => (arrive = resolve)));
    expect(await feed.take()).toHaveLength(2);
    const later = feed.take();
    feed.interrupt();
    expect(await later).toEqual([]);
    arrive([batch('first', 2, [2], 3), batch('second', 2, [7], 9)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(feed.offsets()).toEqual([{ topic: 'ws.first', partition: 0, offset: 2 }]);
    expect(feed.takeNow()).toHaveLength(2);
    expect(feed.offsets()).toEqual([{ topic: 'ws.first', partition: 0, offset: 3 }, { topic: 'ws.second', partition: 0, offset: 9 }]);
    expect(feed.offsets()).toEqual([]);
  });
});

describe('settled', () => {
  async function settledAfter(...polls: FetchedBatch[][]): Promise<boolean[]> {
    const feed = feedOf(...polls);
    const settled: boolean[] = [];
    for (const _ of polls) {
      await feed.take();
      settled.push(feed.settled(own));
    }
    return settled;
  }

  it('is told when every topic was asked once more after the last records and held nothing', async () => {
    expect(await settledAfter([batch('first', 1, [0], 1)], [batch('second', 2, [], 0)], [batch('first', 3, [], 1)])).toEqual([false, false, true]);
  });

  it('is not told by a request that was under way when the records came', async () => {
    expect(await settledAfter([batch('first', 1, [], 0), batch('second', 2, [0], 1, 1, 3)], [batch('first', 3, [], 0), batch('second', 4, [], 1)], [batch('first', 5, [], 0)])).toEqual([false, false, true]);
  });

  it('is not told while a transaction is open in one of the topics; others do not count', async () => {
    expect(await settledAfter([batch('first', 1, [], 0, 2), batch('second', 1, [], 0), batch('other', 1, [], 0, 5)], [batch('first', 2, [0], 2)], [batch('first', 3, [], 2), batch('second', 3, [], 0)])).toEqual([false, false, true]);
  });
});
