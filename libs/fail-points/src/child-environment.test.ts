import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from './child-environment.ts';
import { parseRules } from './rule.ts';

describe('the environment of a child', () => {
  it('holds the rules of its parent and a seed of its own, as that of each of its siblings and of their children does', () => {
    const parent = { PATH: '/bin', MILLRACE_FAIL_POINTS: 'batch.taken=fail%50; seed=7' };
    const family = [parent, childEnvironment(parent), childEnvironment(parent)];
    family.push(childEnvironment(family[1]!), childEnvironment(family[2]!));
    const rules = family.map(({ MILLRACE_FAIL_POINTS }) => parseRules(MILLRACE_FAIL_POINTS));
    expect(new Set(rules.map(({ seed }) => seed)).size).toBe(5);
    for (const { rules: own } of rules) expect(own).toEqual(rules[0]!.rules);
    expect(family.every(({ PATH }) => PATH === '/bin')).toBe(true);
  });

  it('is that of its parent where nothing is seeded', () => {
    for (const parent of [{}, { MILLRACE_FAIL_POINTS: '' }, { MILLRACE_FAIL_POINTS: 'batch.taken=kill@2' }]) expect(childEnvironment(parent)).toBe(parent);
  });
});
