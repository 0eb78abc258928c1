import { parseRules } from './rule.ts';
import { seededChance } from './seeded-chance.ts';

let children = 0;

/**
 * The environment that the next child of this process is started with: the points of this one, with chances of its own, that follow from
 * those of this process and the number of the child. With the same ones every child would fail at the same visit, and with it every try.
 *
 * @example fork(program, [], { env: { ...childEnvironment(process.env), MILLRACE_JOB: 'train-model' } })
 * @throws MillraceError FAIL_POINTS_INVALID
 */
export function childEnvironment<T extends Readonly<Record<string, string | undefined>>>(environment: T): T {
  const text = environment['MILLRACE_FAIL_POINTS'];
  const seed = text ? parseRules(text).seed : undefined;
  if (seed === undefined) return environment;
  return { ...environment, MILLRACE_FAIL_POINTS: `${text}; seed=${Math.floor(seededChance(seed + ++children)() * 2 ** 32)}` };
}
