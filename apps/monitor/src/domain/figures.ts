import type { WindowSummarised } from '@millrace/contracts';
import { ScoreHistogram } from '@millrace/statistics';

/** How a version did. Figures of no labelled rows are NaN, as is the AUC of one class. */
export interface Figures {
  /** Predictions with a score. */
  readonly predictions: number;
  readonly labelled: number;
  readonly auc: number;
  /** Nats. */
  readonly logLoss: number;
  readonly accuracy: number;
  readonly meanPrediction: number;
  readonly rate: number;
}

/** Merges the summaries of slots, roles and windows. */
export function figuresOf(summaries: Iterable<WindowSummarised>): Figures {
  const sum = { predictions: 0, labelled: 0, loss: 0, correct: 0, score: 0, label: 0 };
  const histogram = new ScoreHistogram();
  for (const summary of summaries) {
    sum.predictions += summary.ok + summary.fallback;
    sum.labelled += summary.labelled;
    sum.loss += summary.lossSum;
    sum.correct += summary.correct;
    sum.score += summary.labelledScoreSum;
    sum.label += summary.labelSum;
    histogram.merge(ScoreHistogram.fromBytes(summary));
  }
  const { labelled } = sum;
  return { predictions: sum.predictions, labelled, auc: histogram.auc(), logLoss: sum.loss / labelled, accuracy: sum.correct / labelled, meanPrediction: sum.score / labelled, rate: sum.label / labelled };
}
