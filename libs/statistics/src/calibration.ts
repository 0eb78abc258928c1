import { checkLabel, checkProbability } from './check-pairs.ts';

/**
 * Mean score against rate: what the model expects and what happens. Mergeable sums, so slots and windows add up.
 *
 * @example
 * const calibration = new Calibration();
 * calibration.add(0.3, 1);
 * calibration.add(0.1, 0);
 * calibration.gap; // −0.3: half of the rows have label 1, the model expected a fifth
 */
export class Calibration {
  rows: number;
  scoreSum: number;
  labelSum: number;

  constructor(rows = 0, scoreSum = 0, labelSum = 0) {
    this.rows = rows;
    this.scoreSum = scoreSum;
    this.labelSum = labelSum;
  }

  /** @throws MillraceError LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY */
  add(score: number, label: number): void {
    checkLabel(label);
    checkProbability(score);
    this.rows++;
    this.scoreSum += score;
    this.labelSum += label;
  }

  merge(other: Calibration): void {
    this.rows += other.rows;
    this.scoreSum += other.scoreSum;
    this.labelSum += other.labelSum;
  }

  /** Mean score; NaN without rows. */
  get meanPrediction(): number {
    return this.scoreSum / this.rows;
  }

  /** Share of label 1; NaN without rows. */
  get rate(): number {
    return this.labelSum / this.rows;
  }

  /** Mean score minus rate: positive when the model expects too much. */
  get gap(): number {
    return this.meanPrediction - this.rate;
  }
}
