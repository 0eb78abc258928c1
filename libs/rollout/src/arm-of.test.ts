import { describe, expect, it } from '@jest/globals';
import { eventIdOf, slotOf, type Arm } from '@millrace/contracts';
import { armOf, shareOf } from './arm-of.ts';

const champion: Arm = { role: 'CHAMPION', version: 1, bundle: 'a', weight: 100 };
const canary: Arm = { role: 'CANARY', version: 2, bundle: 'b', weight: 0 };
const route = (weight: number): Arm[] => [
  { ...champion, weight: 100 - weight },
  { ...canary, weight },
];
const ids = Array.from({ length: 100_000 }, (_, i) => eventIdOf('departures', i));

/** Rows that the canary answers. */
function answered(weight: number, rolloutId = 'flight-delay@2'): Set<number> {
  const arms = route(weight);
  return new Set(ids.map((_, i) => i).filter((i) => armOf(ids[i]!, rolloutId, arms).role === 'CANARY'));
}

describe('armOf', () => {
  it.each([1, 5, 25, 50, 75, 99])('gives the canary its %i %% of 100,000 events, within five standard deviations', (weight) => {
    const p = weight / 100;
    const deviation = Math.sqrt(ids.length * p * (1 - p));
    expect(Math.abs(answered(weight).size - ids.length * p)).toBeLessThan(5 * deviation);
  });

  it('gives each slot the same share, so a step means the same everywhere', () => {
    const inSlot = [0, 0];
    const canaries = [0, 0];
    const arms = route(25);
    for (const id of ids) {
      const slot = slotOf(id, 0, 2);
      inSlot[slot]!++;
      if (armOf(id, 'flight-delay@2', arms).role === 'CANARY') canaries[slot]!++;
    }
    for (const slot of [0, 1]) expect(Math.abs(canaries[slot]! / inSlot[slot]! - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / inSlot[slot]!));
  });

  it('keeps the events of a smaller step in every larger one', () => {
    const steps = [5, 25, 75, 100].map((weight) => answered(weight));
    for (let i = 1; i < steps.length; i++) expect([...steps[i - 1]!].filter((id) => !steps[i]!.has(id))).toEqual([]);
    expect(steps[3]!.size).toBe(ids.length);
  });

  it('shuffles anew for another rollout', () => {
    const other = answered(25, 'flight-delay@3');
    const both = [...answered(25)].filter((id) => other.has(id)).length / ids.length;
    expect(Math.abs(both - 0.0625)).toBeLessThan(5 * Math.sqrt((0.0625 * 0.9375) / ids.length));
  });

  it('lets the only arm answer everything, whatever else is kept warm', () => {
    const id = ids[0]!;
    expect(armOf(id, 'r', [champion]).version).toBe(1);
    expect(armOf(id, 'r', [{ ...canary, weight: 100 }]).version).toBe(2);
    expect(armOf(id, 'r', [{ role: 'PREVIOUS', version: 0, bundle: 'p', weight: 0 }, { role: 'SHADOW', version: 3, bundle: 's', weight: 0 }, champion]).version).toBe(1);
    for (const event of ids.slice(0, 1000)) expect(armOf(event, 'r', route(0)).version).toBe(1);
  });

  it('stays what it is: a change here would move events between arms', () => {
    expect(shareOf(ids[4711]!, 'flight-delay@2')).toBeCloseTo(68.21467774, 8);
  });

  it.each([
    ['weights', [{ ...champion, weight: 90 }]],
    ['two champions', [champion, { ...champion, weight: 0 }]],
    ['two canaries', [{ ...champion, weight: 0 }, { ...canary, weight: 50 }, { ...canary, weight: 50 }]],
    ['weight 110', [{ ...champion, weight: 110 }, { ...canary, weight: -10 }]],
    ['add up to 0', []],
  ])('refuses a route with %s', (what, arms) => {
    expect(() => armOf(ids[0]!, 'r', arms as Arm[])).toThrow(what);
  });
});
