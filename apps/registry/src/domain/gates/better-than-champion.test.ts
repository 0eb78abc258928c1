import { describe, expect, it } from '@jest/globals';
import { betterThanChampion } from './better-than-champion.ts';
import type { Candidate } from './gate.ts';

// The figures of the flights story: equal AUC to four digits, clearly less log loss.
const champion = { auc: 0.658, logLoss: 0.3853, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };
const judged: Candidate = { bundle: 'b', candidate: { ...champion, auc: 0.6571, logLoss: 0.3596 }, champion, championVersion: 1, holdoutRows: 12000 };

describe('better-than-champion', () => {
  it('holds log loss to less, AUC to more, equal is not better', () => {
    expect(betterThanChampion('logLoss').judge(judged)).toEqual({
      gate: 'better-than-champion logLoss', passed: true, value: 0.3596, limit: 0.3853, sentence: 'log loss 0.3596 is better than 0.3853 of the champion, version 1, on the same 12000 holdout rows',
    });
    expect(betterThanChampion('auc').judge(judged)).toMatchObject({ passed: false, sentence: 'AUC 0.6571 is not better than 0.658 of the champion, version 1, on the same 12000 holdout rows' });
    expect(betterThanChampion('accuracy').judge(judged)).toMatchObject({ passed: false });
  });

  it('passes while there is no champion, and says so', () => {
    expect(betterThanChampion('logLoss').judge({ ...judged, champion: null, championVersion: null })).toMatchObject({ passed: true, value: 0.3596, limit: NaN, sentence: 'log loss 0.3596: there is no champion to compare with' });
  });
});
