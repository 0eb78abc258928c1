import { MillraceError } from '@millrace/contracts';
import { checkLabel, checkProbability } from './check-pairs.ts';

const bins = 1024;

/**
 * Scores by class in 1,024 bins of equal width over [0, 1]: the area under the ROC curve of any number of rows in 8 KB, and the
 * histograms of slots, hours or instances add up to that of the whole. Counts are exact, so add and remove are inverse.
 *
 * Rows of both classes in one bin count as ties. The error of {@link auc} is at most {@link errorBound}; on the scores of a logistic
 * model (spread over dozens of bins) it is below 0.001. A model whose scores all lie within a few thousandths needs another scale.
 * Source: Hanley and McNeil 1982 (as `areaUnderCurve`) on binned scores, i.e. the trapezoidal rule.
 *
 * @example
 * const histogram = new ScoreHistogram();
 * histogram.add(0.9, 1);
 * histogram.add(0.2, 0);
 * histogram.auc(); // 1
 */
export class ScoreHistogram {
  readonly negatives: Uint32Array;
  readonly positives: Uint32Array;

  constructor() {
    this.negatives = new Uint32Array(bins);
    this.positives = new Uint32Array(bins);
  }

  /** @throws MillraceError LABEL_NOT_BINARY, SCORE_NOT_A_PROBABILITY */
  add(score: number, label: number): void {
    this.#of(label)[binOf(score)]!++;
  }

  /**
   * Takes back a row that was added, for a label that is restated.
   * @throws MillraceError NOT_COUNTED when no such row is there
   */
  remove(score: number, label: number): void {
    const counts = this.#of(label);
    const bin = binOf(score);
    if (counts[bin] === 0) throw new MillraceError('NOT_COUNTED', `no row with score ${score} and label ${label} is in the histogram`, { hint: 'remove only what was added' });
    counts[bin]!--;
  }

  /** Adds the counts of another histogram; the other stays as it is. */
  merge(other: ScoreHistogram): void {
    for (let i = 0; i < bins; i++) {
      this.negatives[i] = sum(this.negatives[i]!, other.negatives[i]!);
      this.positives[i] = sum(this.positives[i]!, other.positives[i]!);
    }
  }

  clone(): ScoreHistogram {
    const copy = new ScoreHistogram();
    copy.negatives.set(this.negatives);
    copy.positives.set(this.positives);
    return copy;
  }

  /** Number of rows of both classes. */
  get rows(): number {
    return total(this.negatives) + total(this.positives);
  }

  /** Area under the ROC curve, rows of one bin counted as ties (half); NaN when only one class is there. */
  auc(): number {
    let wins = 0;
    let below = 0;
    for (let i = 0; i < bins; i++) {
      wins += this.positives[i]! * (below + this.negatives[i]! / 2);
      below += this.negatives[i]!;
    }
    return wins / total(this.positives) / below;
  }

  /** How far {@link auc} can be from the exact area: half of the pairs that share a bin, as a share of all pairs. */
  errorBound(): number {
    let tied = 0;
    for (let i = 0; i < bins; i++) tied += this.positives[i]! * this.negatives[i]!;
    return tied / 2 / total(this.positives) / total(this.negatives);
  }

  /**
   * One byte string per class, as the fields `negatives` and `positives` of `window-summarised` carry them. Compact: little-endian
   * uint32, first the number of the first bin that is not empty, then the counts from that bin to the last that is not empty.
   * A class without rows is zero bytes.
   */
  toBytes(): { negatives: Uint8Array; positives: Uint8Array } {
    return { negatives: pack(this.negatives), positives: pack(this.positives) };
  }

  /** @throws MillraceError NOT_A_HISTOGRAM when the bytes are not from {@link toBytes} */
  static fromBytes(bytes: { negatives: Uint8Array; positives: Uint8Array }): ScoreHistogram {
    const histogram = new ScoreHistogram();
    unpack(bytes.negatives, histogram.negatives);
    unpack(bytes.positives, histogram.positives);
    return histogram;
  }

  #of(label: number): Uint32Array {
    checkLabel(label);
    return label === 1 ? this.positives : this.negatives;
  }
}

function binOf(score: number): number {
  checkProbability(score);
  return Math.min(Math.floor(score * bins), bins - 1);
}

function total(counts: Uint32Array): number {
  let rows = 0;
  for (const count of counts) rows += count;
  return rows;
}

function sum(a: number, b: number): number {
  if (a + b > 0xffffffff) throw new MillraceError('HISTOGRAM_FULL', 'more than 4,294,967,295 rows in one bin', { hint: 'use shorter windows' });
  return a + b;
}

function pack(counts: Uint32Array): Uint8Array {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return new Uint8Array();
  const last = counts.findLastIndex((count) => count > 0);
  const bytes = new Uint8Array(4 * (last - first + 2));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first, true);
  for (let i = first; i <= last; i++) view.setUint32(4 * (i - first + 1), counts[i]!, true);
  return bytes;
}

function unpack(bytes: Uint8Array, into: Uint32Array): void {
  if (bytes.length === 0) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = bytes.length >= 4 ? view.getUint32(0, true) : bins;
  const counts = bytes.length / 4 - 1;
  if (!Number.isInteger(counts) || first + counts > bins)
    throw new MillraceError('NOT_A_HISTOGRAM', `${bytes.length} bytes are no score histogram of ${bins} bins`, { hint: 'read what toBytes wrote' });
  for (let i = 0; i < counts; i++) into[first + i] = view.getUint32(4 * (i + 1), true);
}
