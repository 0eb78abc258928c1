import type { Evaluation } from '@millrace/contracts';
import { accuracy, areaUnderCurve, logLoss, meanOf } from '@millrace/statistics';

/**
 * The figures of a model on rows that it was not trained on.
 *
 * @param labels 0 or 1
 * @param scores probabilities of label 1, one per label
 * @throws MillraceError LENGTHS_DIFFER, LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY
 * @example evaluate(Uint8Array.of(0, 1), Float32Array.of(0.25, 0.5)) // { auc: 1, logLoss: 0.49…, accuracy: 1, meanPrediction: 0.375, rate: 0.5 }
 */
export function evaluate(labels: ArrayLike<number>, scores: ArrayLike<number>): Evaluation {
  return {
    auc: areaUnderCurve(labels, scores),
    logLoss: logLoss(labels, scores),
    accuracy: accuracy(labels, scores),
    meanPrediction: meanOf(scores),
    rate: meanOf(labels),
  };
}
