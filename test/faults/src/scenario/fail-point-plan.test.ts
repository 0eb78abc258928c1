import { describe, expect, it } from '@jest/globals';
import { parseRules, points, type Point } from '@millrace/fail-points';
import { Random } from '../random.ts';
import { planFor, shuffledPoints } from './fail-point-plan.ts';

describe('the plan of fail points', () => {
  it.each(Object.keys(points) as Point[])('has a rule for %s that a service reads', (point) => {
    for (let seed = 0; seed < 30; seed++) expect(parseRules(planFor(point, new Random(seed)).rule).rules).toEqual([expect.objectContaining({ pattern: point })]);
  });

  it('acts at the first visit where a process comes by once', () => {
    for (const point of ['job.started', 'job.done', 'bundle.named', 'restore.begun'] as const) expect(planFor(point, new Random(point)).rule).toMatch(/@1$/);
  });

  it('lets each point have its turn, in the same order for the same seed', () => {
    expect([...shuffledPoints(new Random(7))].sort()).toEqual(Object.keys(points).sort());
    expect(shuffledPoints(new Random(7))).toEqual(shuffledPoints(new Random(7)));
    expect(shuffledPoints(new Random(8))).not.toEqual(shuffledPoints(new Random(7)));
  });
});
