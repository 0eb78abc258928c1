import { MillraceError } from '@millrace/contracts';
import { checkLabel, checkPairs } from './check-pairs.ts';

/**
 * Area under the ROC curve: the probability that a row with label 1 has a higher score than one with label 0, ties counted half.
 * Source: the Mann–Whitney statistic (Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982).
 *
 * @param labels 0 or 1, one per row
 * @param scores any numbers but NaN, one per row; only their order matters
 * @returns in [0, 1]; NaN when only one class (or no row) is there
 * @throws MillraceError LENGTHS_DIFFER, LABEL_NOT_BINARY, SCORE_NOT_A_NUMBER
 * @example areaUnderCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) // 0.75
 */
export function areaUnderCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkPairs(labels, scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    checkLabel(labels[i]!);
    if (Number.isNaN(scores[i]!)) throw new MillraceError('SCORE_NOT_A_NUMBER', `score of row ${i} is NaN`, { hint: 'leave out predictions that failed' });
    positives += labels[i]!;
  }
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return NaN;

  const high = new Float64Array(positives);
  const low = new Float64Array(negatives);
  for (let i = 0, h = 0, l = 0; i < labels.length; i++) {
    // −0 and 0 are one score, but typed arrays sort them apart.
    if (labels[i] === 1) high[h++] = scores[i]! + 0;
    else low[l++] = scores[i]! + 0;
  }
  high.sort();
  low.sort();

  let wins = 0;
  let below = 0;
  let notAbove = 0;
  for (const score of high) {
    while (below < negatives && low[below]! < score) below++;
    while (notAbove < negatives && low[notAbove]! <= score) notAbove++;
    wins += (below + notAbove) / 2;
  }
  return wins / positives / negatives;
}
