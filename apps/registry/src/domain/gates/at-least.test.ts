import { describe, expect, it } from '@jest/globals';
import { atLeast } from './at-least.ts';
import type { Candidate } from './gate.ts';

const judged: Candidate = { bundle: 'b', candidate: { auc: 0.65881, logLoss: 0.3596, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 }, champion: null, championVersion: null, holdoutRows: 8391 };

describe('at-least', () => {
  it.each([
    ['auc', 0.6, true, 'AUC 0.65881 on 8391 holdout rows is at least 0.6'],
    ['auc', 0.65881, true, 'AUC 0.65881 on 8391 holdout rows is at least 0.65881'],
    ['auc', 0.7, false, 'AUC 0.65881 on 8391 holdout rows is not at least 0.7'],
    ['logLoss', 0.4, true, 'log loss 0.3596 on 8391 holdout rows is at most 0.4'],
    ['logLoss', 0.3, false, 'log loss 0.3596 on 8391 holdout rows is not at most 0.3'],
  ] as const)('judges %s against %d', (metric, limit, passed, sentence) => {
    expect(atLeast(metric, limit).judge(judged)).toEqual({ gate: `at-least ${metric}`, passed, value: judged.candidate[metric], limit, sentence });
  });

  it('does not pass a figure that could not be computed', () => {
    expect(atLeast('auc', 0.6).judge({ ...judged, candidate: { ...judged.candidate, auc: NaN } })).toMatchObject({ passed: false });
  });
});
