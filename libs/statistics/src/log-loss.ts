import { checkLabel, checkPairs, checkProbability } from './check-pairs.ts';

/**
 * Log loss of one prediction in nats: −ln of the probability given to what happened, clipped at the machine epsilon of float64
 * as scikit-learn's `log_loss` does, so that a sure and wrong score costs 36.04 and not infinity.
 *
 * @throws MillraceError LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY
 * @example lossOf(1, 0.8) // 0.2231…
 */
export function lossOf(label: number, score: number): number {
  checkLabel(label);
  checkProbability(score);
  const given = label === 1 ? score : 1 - score;
  return -Math.log(Math.min(Math.max(given, Number.EPSILON), 1 - Number.EPSILON));
}

/**
 * Mean log loss in nats; NaN without rows. Source: scikit-learn 1.9 `sklearn.metrics.log_loss`.
 *
 * @throws MillraceError LENGTHS_DIFFER, LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY
 * @example logLoss([1, 0], [0.9, 0.2]) // 0.1643…
 */
export function logLoss(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkPairs(labels, scores);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += lossOf(labels[i]!, scores[i]!);
  return sum / labels.length;
}
