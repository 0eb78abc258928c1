import { checkLabel, checkPairs, checkProbability } from './check-pairs.ts';

/** Whether a score is right at the threshold: 0.5 and above means label 1. */
export function isRight(label: number, score: number): boolean {
  checkLabel(label);
  checkProbability(score);
  return score >= 0.5 === (label === 1);
}

/**
 * Share of rows that are right at the threshold 0.5; NaN without rows.
 *
 * @throws MillraceError LENGTHS_DIFFER, LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY
 * @example accuracy([1, 0, 0], [0.5, 0.2, 0.7]) // 0.666…
 */
export function accuracy(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkPairs(labels, scores);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (isRight(labels[i]!, scores[i]!)) right++;
  return right / labels.length;
}
