import { MillraceError } from '@millrace/contracts';

/** Refuses labels and scores that do not belong together: every metric of this library takes them in pairs. */
export function checkPairs(labels: ArrayLike<number>, scores: ArrayLike<number>): void {
  if (labels.length !== scores.length)
    throw new MillraceError('LENGTHS_DIFFER', `${labels.length} labels but ${scores.length} scores`, { hint: 'pass one score per label, in the same order' });
}

/** @throws MillraceError LABEL_NOT_BINARY */
export function checkLabel(label: number): void {
  if (label !== 0 && label !== 1) throw new MillraceError('LABEL_NOT_BINARY', `label ${label} is neither 0 nor 1`, { hint: 'leave out rows whose label is unknown' });
}

/** @throws MillraceError SCORE_NOT_A_PROBABILITY */
export function checkProbability(score: number): void {
  if (!(score >= 0 && score <= 1))
    throw new MillraceError('SCORE_NOT_A_PROBABILITY', `score ${score} is no probability`, { hint: 'leave out predictions that failed; scores lie in [0, 1]' });
}
