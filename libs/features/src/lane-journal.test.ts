import { describe, expect, it } from '@jest/globals';

import { ask, learnAll, pagesOf, payment, planFrom, planOf, random } from './lane.fixture.ts';
import { LaneState } from './lane-state.ts';
import type { LaneEvent } from './plan.ts';

const features = (['count', 'sum', 'mean', 'share', 'standardDeviation', 'min', 'max', 'last', 'timeSinceLast', 'distinctCount'] as const).flatMap((aggregate) => [
  { aggregate, window: 'over' as const, minutes: 60 },
  { aggregate, window: 'before' as const, minutes: 10_080 },
]);
const plan = planOf(features);

/** Payments of twenty users over some days, a tenth of them late, a twentieth posted twice. */
function payments(count: number, seed: number, from = 0): LaneEvent[] {
  const next = random(seed);
  const events: LaneEvent[] = [];
  for (let i = 0; i < count; i++) {
    const late = next() < 0.1 ? next() * 3000 : 0;
    const event = payment(from + i * 5 - late, { user: `user ${Math.floor(next() * 20)}`, amount: next() * 100 - 20, country: `country ${Math.floor(next() * 9)}` });
    events.push(event);
    if (next() < 0.05) events.push(event);
  }
  return events;
}

/** Features of every user at two times, one of them late. */
function answers(lane: LaneState, minutes: number): number[] {
  const values: number[] = [];
  for (let user = 0; user < 20; user++) for (const at of [minutes, minutes - 30]) values.push(...ask(lane, at, { user: `user ${user}` }));
  return values;
}

describe('journal', () => {
  it('undoes batches exactly: same hash, same values, same future as if they had never been', () => {
    const lane = new LaneState(plan);
    const plain = new LaneState(plan);
    for (let batch = 0; batch < 12; batch++) {
      const events = payments(200, batch, batch * 1000);
      const before = lane.hash();
      const valuesBefore = answers(lane, batch * 1000);
      const aborted = lane.journal();
      learnAll(lane, payments(300, batch + 100, batch * 1000 + 2000));
      learnAll(lane, events);
      expect(lane.hash()).not.toBe(before);
      aborted.undo();
      expect(lane.hash()).toBe(before);
      expect(answers(lane, batch * 1000)).toEqual(valuesBefore);
      const journal = lane.journal();
      learnAll(lane, events);
      journal.commit();
      learnAll(plain, events);
      expect(lane.hash()).toBe(plain.hash());
      expect(answers(lane, batch * 1000 + 1000)).toEqual(answers(plain, batch * 1000 + 1000));
    }
    expect(lane.counts).toEqual(plain.counts);
  });

  it('undoes a change of definitions', () => {
    const lane = learnAll(new LaneState(plan), payments(50, 1));
    const before = lane.hash();
    const journal = lane.journal();
    lane.activate(planOf(features, 'other'));
    learnAll(lane, payments(50, 2));
    lane.activate(plan);
    journal.undo();
    expect(lane.hash()).toBe(before);
    expect(lane.definitions).toBe(plan.hash);
  });

  it('refuses a second journal and a second end', () => {
    const lane = new LaneState(plan);
    const journal = lane.journal();
    expect(() => lane.journal()).toThrow(expect.objectContaining({ code: 'JOURNAL_OPEN' }));
    journal.commit();
    expect(() => journal.undo()).toThrow(expect.objectContaining({ code: 'JOURNAL_CLOSED' }));
  });
});

async function taken(lane: LaneState): Promise<Uint8Array[]> {
  const pages: Uint8Array[] = [];
  for await (const page of lane.snapshot()) pages.push(page);
  return pages;
}

describe('snapshot', () => {
  it('restores a lane with the same hash and the same future', async () => {
    const lane = learnAll(new LaneState(plan), payments(6000, 5));
    const restored = new LaneState(undefined);
    await restored.restore(pagesOf(await taken(lane)), planFrom);
    expect(restored.hash()).toBe(lane.hash());
    expect(answers(restored, 30_000)).toEqual(answers(lane, 30_000));
    const later = payments(3000, 6, 29_990);
    for (const each of [lane, restored]) learnAll(each, later);
    expect(restored.hash()).toBe(lane.hash());
    expect(answers(restored, 45_000)).toEqual(answers(lane, 45_000));
  });

  it('restores ids: repeats of before are recognised after', async () => {
    const events = payments(100, 7);
    const lane = learnAll(new LaneState(plan), events);
    const restored = new LaneState(plan);
    await restored.restore(pagesOf(await taken(lane)));
    for (const each of [lane, restored]) learnAll(each, events.slice(-10));
    expect(restored.counts.repeats).toBeGreaterThan(0);
    expect(restored.hash()).toBe(lane.hash());
  });

  it('restores a lane that has seen nothing', async () => {
    const restored = new LaneState(undefined);
    await restored.restore(pagesOf(await taken(new LaneState(undefined))));
    expect(restored.hash()).toBe(new LaneState(undefined).hash());
  });

  it('refuses pages that are cut, mixed up, damaged or of another version', async () => {
    const pages = await taken(learnAll(new LaneState(plan), payments(500, 8)));
    const other = Buffer.from(pages[0]!);
    other[1 + 4 + 'millrace-lane'.length] = 2;
    const cut = pages.map((page, i) => (i === 1 ? page.subarray(0, page.length - 1) : page));
    const cases: [Uint8Array[], RegExp][] = [
      [[], /pages are missing/],
      [pages.slice(0, -1), /pages are missing/],
      [pages.toSpliced(1, 1), /pages are missing/],
      [pages.slice(1), /not in their order/],
      [[...pages, pages[1]!], /not in their order/],
      [cut, /restored/],
      [[other, ...pages.slice(1)], /its version is 2, this program reads 1/],
      [[Buffer.from('x'), ...pages], /restored/],
    ];
    for (const [broken, reason] of cases) {
      await expect(new LaneState(plan).restore(pagesOf(broken))).rejects.toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID', message: expect.stringMatching(reason) }));
    }
  });

  it('refuses other definitions, a lane that is not new, and an open journal', async () => {
    const lane = learnAll(new LaneState(plan), payments(50, 9));
    const pages = await taken(lane);
    await expect(new LaneState(planOf(features, 'other')).restore(pagesOf(pages))).rejects.toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
    await expect(lane.restore(pagesOf(pages))).rejects.toThrow(expect.objectContaining({ code: 'LANE_NOT_EMPTY' }));
    lane.journal();
    await expect(taken(lane)).rejects.toThrow(expect.objectContaining({ code: 'JOURNAL_OPEN' }));
  });

  it('fails rather than mix two states when the lane goes on meanwhile', async () => {
    const lane = learnAll(new LaneState(plan), payments(50, 10));
    const pages = lane.snapshot()[Symbol.asyncIterator]();
    await pages.next();
    lane.learn(payment(5000));
    await expect(pages.next()).rejects.toThrow(expect.objectContaining({ code: 'STATE_CHANGED' }));
  });
});
