import { describe, expect, it } from '@jest/globals';
import { EventPosted } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import { InputQueue, takeAny, takeInOrder } from './merge.ts';

const read = (topic: string, position: number, time: number): Read => ({
  event: new EventPosted({ stream: topic, source: { topic, partition: 0, offset: position }, acceptedAt: time, key: null, value: null, headers: {} }),
  topic, partition: 0, position, time, id: Buffer.alloc(0), headers: {},
});
const queues = (): [InputQueue, InputQueue] => [new InputQueue('arrivals', 0, 0), new InputQueue('departures', 1, 0)];
const batch = (next: number, atEnd: boolean, fetch: number) => ({ next, atEnd, fetch, arrived: fetch });
const times = (reads: Read[]): string[] => reads.map(({ topic, time }) => `${topic[0]}${time}`);

describe('takeInOrder', () => {
  it('takes the smallest append time while every input has a head', () => {
    const [a, d] = queues();
    a.add([read('arrivals', 0, 10), read('arrivals', 1, 30)], batch(2, false, 1));
    d.add([read('departures', 0, 20)], batch(1, false, 1));
    expect(times(takeInOrder([a, d], 10))).toEqual(['a10', 'd20']);
  });

  it('waits for a later fetch before it passes an empty input', () => {
    const [a, d] = queues();
    a.add([read('arrivals', 0, 10)], batch(1, true, 1));
    d.add([], batch(0, true, 1));
    expect(takeInOrder([a, d], 10)).toEqual([]);
    d.add([], batch(0, true, 2));
    expect(times(takeInOrder([a, d], 10))).toEqual(['a10']);
  });

  it('breaks ties by the declared order', () => {
    const [a, d] = queues();
    d.add([read('departures', 0, 10)], batch(1, true, 1));
    a.add([read('arrivals', 0, 10)], batch(1, true, 1));
    d.add([], batch(1, true, 2));
    a.add([], batch(1, true, 2));
    expect(times(takeInOrder([d, a], 10))).toEqual(['a10', 'd10']);
  });

  it('steps over control records behind the last record', () => {
    const [a, d] = queues();
    a.add([read('arrivals', 4, 10)], batch(7, true, 1));
    d.add([], batch(3, true, 2));
    takeInOrder([a, d], 10);
    expect([a.position, d.position]).toEqual([7, 3]);
  });

  it('stands behind a batch that is one record while others wait', () => {
    const [a] = queues();
    a.add([read('arrivals', 4, 10), read('arrivals', 9, 11)], batch(10, true, 1));
    a.take();
    expect(a.position).toBe(9);
  });

  it('moves over a fetch without visible records', () => {
    const [a] = queues();
    a.add([], batch(5, true, 1));
    expect(a.position).toBe(5);
  });
});

describe('takeAny', () => {
  it('takes up to the limit', () => {
    const [a, d] = queues();
    a.add([read('arrivals', 0, 10), read('arrivals', 1, 30)], batch(2, false, 1));
    d.add([read('departures', 0, 20)], batch(1, false, 1));
    expect(times(takeAny([a, d], 2))).toEqual(['a10', 'a30']);
    expect(times(takeAny([a, d], 2))).toEqual(['d20']);
  });
});
