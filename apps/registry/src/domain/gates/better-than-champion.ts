import type { Metric } from '@millrace/definitions';
import type { Gate } from './gate.ts';
import { figure, isLowerBetter, named } from './metric.ts';

/** The metric is better than the champion's on the same holdout; equal is not better. Passes while there is no champion. */
export function betterThanChampion(metric: Metric): Gate {
  const name = `better-than-champion ${metric}`;
  return {
    name,
    judge({ candidate, champion, championVersion, holdoutRows }) {
      const value = candidate[metric];
      if (!champion) return { gate: name, passed: true, value, limit: NaN, sentence: `${named(metric)} ${figure(value)}: there is no champion to compare with` };
      const limit = champion[metric];
      const passed = isLowerBetter(metric) ? value < limit : value > limit;
      return { gate: name, passed, value, limit, sentence: `${named(metric)} ${figure(value)} is ${passed ? '' : 'not '}better than ${figure(limit)} of the champion, version ${championVersion ?? 'unknown'}, on the same ${holdoutRows} holdout rows` };
    },
  };
}
