import { describe, expect, it } from '@jest/globals';
import { assignLanes } from './rendezvous.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `feature-store-${i}`);

describe('assignLanes', () => {
  it.each([[1, 1], [1, 7], [3, 8], [5, 16], [7, 64], [4, 2]])('gives %d members %d lanes, each to one, none more than its share', (members, lanes) => {
    const assigned = assignLanes(names(members), lanes);
    expect([...assigned.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: lanes }, (_, lane) => lane));
    for (const own of assigned.values()) expect(own.length).toBeLessThanOrEqual(Math.ceil(lanes / members));
  });

  it('depends on the names alone', () => {
    expect([...assignLanes(['b', 'a', 'c'], 9)]).toEqual([...assignLanes(['c', 'b', 'a'], 9)]);
  });

  it('moves few lanes of the others when a member leaves', () => {
    const before = assignLanes(names(4), 64);
    const after = assignLanes(names(3), 64);
    const kept = names(3).flatMap((name) => before.get(name)!.filter((lane) => after.get(name)!.includes(lane)));
    expect(kept.length).toBeGreaterThan(40);
  });
});
