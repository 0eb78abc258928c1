import { describe, expect, it } from '@jest/globals';

import { random } from './lane.fixture.ts';
import { RecentIds, repeatWindowMs } from './recent-ids.ts';

const idOf = (number: number): Uint8Array => {
  const id = new Uint8Array(16);
  // Ids that differ only in their last bits meet in the same places of the table.
  new DataView(id.buffer).setUint32(12, number * 2048);
  return id;
};

describe('recent ids', () => {
  it('knows an id for an hour of acceptance, both ends included', () => {
    const ids = new RecentIds();
    ids.add(idOf(1), 1000);
    expect(ids.has(idOf(1), 1000 + repeatWindowMs)).toBe(true);
    expect(ids.has(idOf(1), 1001 + repeatWindowMs)).toBe(false);
    expect(ids.has(idOf(2), 1000)).toBe(false);
  });

  it('forgets by the log alone, whether memory was freed or not', () => {
    const freed = new RecentIds();
    const kept = new RecentIds();
    for (const ids of [freed, kept]) {
      ids.add(idOf(1), 0);
      ids.add(idOf(2), repeatWindowMs + 1);
    }
    freed.evict();
    for (const ids of [freed, kept]) {
      expect(ids.has(idOf(1), 0)).toBe(false);
      expect([...ids.entries()]).toHaveLength(1);
    }
  });

  it('agrees with a plain map over many additions, evictions and steps taken back', () => {
    const next = random(3);
    const ids = new RecentIds();
    let known = new Map<number, number>();
    let highest = 0;
    for (let batch = 0; batch < 300; batch++) {
      const before = { known: new Map(known), highest };
      const steps: (() => void)[] = [];
      for (let i = 0; i < 40; i++) {
        const time = batch * 60_000 + Math.floor(next() * 120_000);
        const number = Math.floor(next() * 4000);
        const accepted = known.get(number);
        const recent = accepted !== undefined && accepted >= highest - repeatWindowMs && Math.abs(time - accepted) <= repeatWindowMs;
        expect(ids.has(idOf(number), time)).toBe(recent);
        if (recent) continue;
        steps.push(ids.add(idOf(number), time));
        known.set(number, time);
        highest = Math.max(highest, time);
      }
      if (next() < 0.3) {
        for (const step of steps.reverse()) step();
        ({ known, highest } = before);
      } else ids.evict();
    }
    const left = Array.from(ids.entries(), ({ id, acceptedAt }) => `${Buffer.from(id).readUInt32BE(12) / 2048} ${acceptedAt}`);
    const wanted = [...known].filter(([, time]) => time >= highest - repeatWindowMs).map(([number, time]) => `${number} ${time}`);
    expect(left.sort()).toEqual(wanted.sort());
  });
});
