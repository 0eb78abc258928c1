import { MillraceError } from '@millrace/contracts';
import { points, type Point } from './points.ts';

export type Action =
  /** SIGKILL to oneself. */
  | { readonly kind: 'kill' }
  /** SIGSTOP to oneself; whoever set it continues the process. */
  | { readonly kind: 'stop' }
  /** An error is thrown at the point, as a failing step would. */
  | { readonly kind: 'fail' }
  /** Blocks the event loop for ever, as native code that hangs. */
  | { readonly kind: 'hang' }
  /** Waits a random time, milliseconds. */
  | { readonly kind: 'wait'; readonly fromMs: number; readonly toMs: number };

export interface Rule {
  /** Name of a point, or with `*` at its end the beginning of several. */
  readonly pattern: string;
  readonly action: Action;
  /** Acts at this visit of a matching point only, counted from 1 over all that match; left out: at each. */
  readonly visit?: number;
  /** Acts at this share of the visits, by chance. */
  readonly share?: number;
}

const SEED = /^seed=(\d+)$/;
const RULE = /^([a-z.*-]+)=(kill|stop|fail|hang|wait\((\d+)-(\d+)\))(?:@(\d+)|%(\d+(?:\.\d+)?))?$/;

/** Rules, and the seed of the chance in them if `seed=<number>` stands among them. */
export interface Rules {
  readonly rules: readonly Rule[];
  readonly seed?: number;
}

/**
 * Reads rules: `<point>=<action>[@<visit> or %<percent of visits>]`, separated by `;`, and `seed=<number>`.
 *
 * @example parseRules('transaction.*=wait(0-4); snapshot.written=kill@2; transaction.commit=fail%5; seed=7').rules
 * @throws MillraceError FAIL_POINTS_INVALID
 */
export function parseRules(text: string): Rules {
  const parts = text.split(';').map((part) => part.trim()).filter((part) => part !== '');
  const seed = parts.map((part) => SEED.exec(part)?.[1]).findLast((found) => found !== undefined);
  const rules = parts.filter((part) => !SEED.test(part)).map(parseRule);
  for (const { pattern } of rules) if (!Object.keys(points).some((point) => matches(pattern, point as Point))) throw invalid(`there is no point '${pattern}'`);
  return { rules, ...(seed === undefined ? {} : { seed: Number(seed) }) };
}

export function matches(pattern: string, point: Point): boolean {
  return pattern.endsWith('*') ? point.startsWith(pattern.slice(0, -1)) : pattern === point;
}

function parseRule(text: string): Rule {
  const [, pattern, action, fromMs, toMs, visit, percent] = RULE.exec(text) ?? [];
  if (pattern === undefined || action === undefined) throw invalid(`'${text}' is no rule`);
  const kind = action.startsWith('wait') ? ({ kind: 'wait', fromMs: Number(fromMs), toMs: Number(toMs) } as const) : { kind: action as 'kill' | 'stop' | 'fail' | 'hang' };
  return { pattern, action: kind, ...(visit === undefined ? {} : { visit: Number(visit) }), ...(percent === undefined ? {} : { share: Number(percent) / 100 }) };
}

function invalid(message: string): MillraceError {
  return new MillraceError('FAIL_POINTS_INVALID', message, { hint: "write 'point=kill@3; transaction.*=wait(0-4)'; the points stand in libs/fail-points/src/points.ts" });
}
