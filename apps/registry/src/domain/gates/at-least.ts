import type { Metric } from '@millrace/definitions';
import type { Gate } from './gate.ts';
import { figure, isLowerBetter, named } from './metric.ts';

/** The metric on the holdout reaches the limit; log loss, of which less is better, does not exceed it. */
export function atLeast(metric: Metric, limit: number): Gate {
  const name = `at-least ${metric}`;
  return {
    name,
    judge({ candidate, holdoutRows }) {
      const value = candidate[metric];
      const passed = isLowerBetter(metric) ? value <= limit : value >= limit;
      const relation = isLowerBetter(metric) ? 'at most' : 'at least';
      return { gate: name, passed, value, limit, sentence: `${named(metric)} ${figure(value)} on ${holdoutRows} holdout rows is ${passed ? '' : 'not '}${relation} ${figure(limit)}` };
    },
  };
}
