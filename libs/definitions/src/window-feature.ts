import { aggregates, type AggregateKind } from '@millrace/features';

import { callSite } from './call-site.ts';
import { definitionError } from './definition-error.ts';
import { milliseconds, type Duration } from './duration.ts';
import type { Expression } from './expression.ts';

declare const valid: unique symbol;

/** An aggregate over a window, fed by the stream S. */
export interface WindowFeature<S extends string = never> {
  readonly aggregate: AggregateKind;
  readonly of: Expression | undefined;
  readonly window: 'over' | 'before';
  readonly lengthMs: number;
  readonly [valid]?: (stream: S) => void;
}

/** An aggregate that still lacks its window. */
export interface Aggregate<S extends string> {
  /** (t - length, t]: what happened in the minute of t counts. */
  over(length: Duration): WindowFeature<S>;
  /** [t - length, t): it does not. */
  before(length: Duration): WindowFeature<S>;
}

type Numbers<S extends string> = Expression<S, number>;

/** Number of events; 0 for none. */
export const count = (): Aggregate<string> => aggregate('count', undefined, count);
/** Sum; 0 for none. */
export const sum = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('sum', of as Expression, sum);
/** Mean; missing for none. */
export const mean = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('mean', of as Expression, mean);
/** Share of the events for which a condition holds; missing for none. */
export const share = <S extends string>(of: Expression<S, boolean>): Aggregate<S> => aggregate('share', of as Expression, share);
/** Standard deviation of a sample (n - 1); missing below two. */
export const standardDeviation = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('standardDeviation', of as Expression, standardDeviation);
export const min = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('min', of as Expression, min);
export const max = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('max', of as Expression, max);
/** Newest value; missing for none. */
export const last = <S extends string>(of: Numbers<S>): Aggregate<S> => aggregate('last', of as Expression, last);
/** Seconds since the newest event, at the view's resolution; missing for none. */
export const timeSinceLast = (): Aggregate<string> => aggregate('timeSinceLast', undefined, timeSinceLast);
/** Number of different texts or whole numbers; 0 for none. */
export const distinctCount = <S extends string>(of: Expression<S, string | number>): Aggregate<S> => aggregate('distinctCount', of as Expression, distinctCount);

const fits: Readonly<Record<'number' | 'condition' | 'text', readonly string[]>> = { number: ['whole', 'real'], condition: ['flag'], text: ['text', 'whole'] };

function aggregate<S extends string>(kind: AggregateKind, of: Expression | undefined, called: (...args: never[]) => unknown): Aggregate<S> {
  const wanted = aggregates[kind].of;
  if (wanted !== undefined && (of === undefined || !fits[wanted].includes(of.kind)))
    throw definitionError(callSite(called), `${kind}() needs ${wanted === 'condition' ? 'a condition' : wanted === 'number' ? 'a number' : 'a text or whole number'}, not ${of?.kind ?? 'nothing'}${of ? `, in: ${of.source}` : ''}`);
  const windowed = (window: 'over' | 'before', length: Duration, at: string): WindowFeature<S> => ({ aggregate: kind, of, window, lengthMs: milliseconds(length, at) });
  const made: Aggregate<S> = {
    over: (length) => windowed('over', length, callSite(made.over)),
    before: (length) => windowed('before', length, callSite(made.before)),
  };
  return made;
}
