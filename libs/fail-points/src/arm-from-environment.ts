import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { arm } from './fail-point.ts';
import type { Point } from './points.ts';
import { matches, parseRules, type Action, type Rule } from './rule.ts';
import { seededChance } from './seeded-chance.ts';

/**
 * Arms the points of this process by `MILLRACE_FAIL_POINTS`; its children have `childEnvironment`. Never set where it matters:
 * it is refused together with `NODE_ENV=production`.
 *
 * @throws MillraceError FAIL_POINTS_INVALID, FAIL_POINTS_REFUSED
 */
export function armFromEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  const text = environment['MILLRACE_FAIL_POINTS'];
  if (!text) return;
  if (environment['NODE_ENV'] === 'production') throw new MillraceError('FAIL_POINTS_REFUSED', 'fail points are set in production', { hint: 'unset MILLRACE_FAIL_POINTS' });
  const { rules, seed } = parseRules(text);
  const counted = rules.map((rule) => ({ ...rule, visits: 0 }));
  const chance = seed === undefined ? Math.random : seededChance(seed);
  arm(async (point) => {
    for (const rule of counted) if (isDue(rule, point, chance)) await carryOut(rule.action, point, chance);
  });
}

function isDue(rule: Rule & { visits: number }, point: Point, chance: () => number): boolean {
  if (!matches(rule.pattern, point)) return false;
  rule.visits++;
  if (rule.share !== undefined) return chance() < rule.share;
  return rule.visit === undefined || rule.visits === rule.visit;
}

async function carryOut(action: Action, point: Point, chance: () => number): Promise<void> {
  if (action.kind === 'wait') return delay(action.fromMs + chance() * (action.toMs - action.fromMs));
  console.error(`fail point ${point}: ${action.kind} in process ${process.pid}`);
  if (action.kind === 'fail') throw new MillraceError('FAIL_POINT', `fail point ${point}`, { retriable: true });
  if (action.kind === 'hang') for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  process.kill(process.pid, action.kind === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  // The signal may arrive some instructions later: nothing else may happen until then.
  await delay(1);
}
