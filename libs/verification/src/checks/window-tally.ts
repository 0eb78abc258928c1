interface Sums {
  predictions: number;
  labelled: number;
}

/** What stands in the log of one version in one window. */
export class WindowTally {
  /** What any judgement of the window must have counted, and what one may have counted at most. */
  readonly certain: Sums = { predictions: 0, labelled: 0 };
  readonly possible: Sums = { predictions: 0, labelled: 0 };
  /** Whether a prediction of any outcome came in time. */
  isSeen = false;
  /** Append time of the newest of those. */
  newest = Number.NaN;
  private ones = 0;
  private scores = 0;
  private loss = 0;
  private right = 0;
  /** Scores on the threshold: right or wrong, as one likes. */
  private ties = 0;

  /** A prediction with a score. */
  predicted(isCertain: boolean): void {
    this.possible.predictions++;
    if (isCertain) this.certain.predictions++;
  }

  /** Its label is known. */
  labelled(label: 0 | 1, score: number, isCertain: boolean): void {
    this.possible.labelled++;
    if (!isCertain) return;
    this.certain.labelled++;
    this.ones += label;
    this.scores += score;
    this.loss -= Math.log(Math.max(label === 1 ? score : 1 - score, Number.EPSILON));
    if (score === 0.5) this.ties++;
    else if (score > 0.5 === (label === 1)) this.right++;
  }

  /** Whether the log leaves no choice of what was counted. */
  get isExact(): boolean {
    return this.certain.predictions === this.possible.predictions && this.certain.labelled === this.possible.labelled;
  }

  /** Figures that must be, with how far off they may be; only where the tally is exact and labels are known. */
  get figures(): readonly (readonly [name: 'rate' | 'meanPrediction' | 'logLoss' | 'accuracy', value: number, by: number])[] {
    const { labelled } = this.certain;
    if (!this.isExact || labelled === 0) return [];
    return [
      ['rate', this.ones / labelled, 1e-12],
      ['meanPrediction', this.scores / labelled, 1e-6],
      ['logLoss', this.loss / labelled, 1e-6],
      ['accuracy', (this.right + this.ties / 2) / labelled, this.ties / 2 / labelled + 1e-12],
    ];
  }
}
