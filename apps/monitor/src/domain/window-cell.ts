import type { Role } from '@millrace/contracts';
import { ScoreHistogram, isRight, lossOf } from '@millrace/statistics';
import { toUnits } from './fixed-point.ts';
import type { Predicted } from './joined-event.ts';

/** Length of the windows that are summarised: UTC days. */
export const windowMs = 86_400_000;

export const windowStartOf = (eventTime: number): number => Math.floor(eventTime / windowMs) * windowMs;

/** Who answered: a version in a role, or nobody. */
export interface Arm {
  readonly version: number | null;
  readonly role: Role | null;
}

export const armKey = ({ version, role }: Arm): string => `${version ?? 'none'}/${role ?? 'none'}`;
export const cellKey = (arm: Arm, windowStart: number): string => `${armKey(arm)}/${windowStart}`;

/**
 * Counts and exact sums of one arm in one window. All of it is whole numbers, so that adding and taking back are inverse and the
 * order does not matter.
 */
export class WindowCell {
  readonly arm: Arm;
  readonly windowStart: number;
  bundle: string | null = null;
  ok = 0;
  fallback = 0;
  failed = 0;
  labelled = 0;
  labelSum = 0;
  correct = 0;
  scoreUnits = 0;
  labelledScoreUnits = 0;
  lossUnits = 0;
  histogram = new ScoreHistogram();

  constructor(arm: Arm, windowStart: number) {
    this.arm = arm;
    this.windowStart = windowStart;
  }

  get key(): string {
    return cellKey(this.arm, this.windowStart);
  }

  get windowEnd(): number {
    return this.windowStart + windowMs;
  }

  clone(): WindowCell {
    return Object.assign(new WindowCell(this.arm, this.windowStart), this, { histogram: this.histogram.clone() });
  }

  predicted({ outcome, score }: Predicted, sign: 1 | -1): void {
    if (outcome === 'OK') this.ok += sign;
    else if (outcome === 'FALLBACK') this.fallback += sign;
    else this.failed += sign;
    if (score !== null) this.scoreUnits += sign * toUnits(score);
  }

  /** A label whose event this arm scored. */
  judged(score: number, label: 0 | 1, sign: 1 | -1): void {
    this.unjudged(label, sign);
    this.labelledScoreUnits += sign * toUnits(score);
    this.lossUnits += sign * toUnits(lossOf(label, score));
    if (isRight(label, score)) this.correct += sign;
    if (sign === 1) this.histogram.add(score, label);
    else this.histogram.remove(score, label);
  }

  /** A label whose event nobody predicted. */
  unjudged(label: 0 | 1, sign: 1 | -1): void {
    this.labelled += sign;
    this.labelSum += sign * label;
  }

  /** Plain JSON, for snapshots and hashes. */
  toJSON(): CellRecord {
    const { arm, windowStart, bundle, ok, fallback, failed, labelled, labelSum, correct, scoreUnits, labelledScoreUnits, lossUnits } = this;
    const { negatives, positives } = this.histogram.toBytes();
    return {
      ...arm, windowStart, bundle, ok, fallback, failed, labelled, labelSum, correct, scoreUnits, labelledScoreUnits, lossUnits,
      negatives: Buffer.from(negatives).toString('base64'), positives: Buffer.from(positives).toString('base64'),
    };
  }

  static fromJSON({ version, role, windowStart, negatives, positives, ...rest }: CellRecord): WindowCell {
    const histogram = ScoreHistogram.fromBytes({ negatives: Buffer.from(negatives, 'base64'), positives: Buffer.from(positives, 'base64') });
    return Object.assign(new WindowCell({ version, role }, windowStart), rest, { histogram });
  }
}

export interface CellRecord extends Arm {
  readonly windowStart: number;
  readonly bundle: string | null;
  readonly ok: number;
  readonly fallback: number;
  readonly failed: number;
  readonly labelled: number;
  readonly labelSum: number;
  readonly correct: number;
  readonly scoreUnits: number;
  readonly labelledScoreUnits: number;
  readonly lossUnits: number;
  readonly negatives: string;
  readonly positives: string;
}
