import { describe, expect, it } from '@jest/globals';
import { areaUnderCurve } from './area-under-curve.ts';
import { ScoreHistogram } from './score-histogram.ts';

/** Linear congruential generator (Numerical Recipes, ranqd1), in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Scores of a logistic model: logit normal around `centre`, labels drawn with the scores as probabilities. */
function logistic(rows: number, centre: number, spread: number, seed: number) {
  const next = uniform(seed);
  const labels: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < rows; i++) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const score = Math.fround(1 / (1 + Math.exp(-(centre + spread * normal))));
    scores.push(score);
    labels.push(next() < score ? 1 : 0);
  }
  return { labels, scores };
}

function histogramOf({ labels, scores }: { labels: number[]; scores: number[] }, from = 0, to = labels.length): ScoreHistogram {
  const histogram = new ScoreHistogram();
  for (let i = from; i < to; i++) histogram.add(scores[i]!, labels[i]!);
  return histogram;
}

const worlds = [
  { name: 'a day of flights', rows: 17_000, centre: -1.4, spread: 0.7 },
  { name: 'even classes', rows: 20_000, centre: 0, spread: 1.5 },
  { name: 'a weak model, scores within 0.17 and 0.23', rows: 50_000, centre: -1.39, spread: 0.09 },
  { name: 'rare label, 2 %', rows: 100_000, centre: -4.2, spread: 0.8 },
  { name: 'nearly sure, most scores next to 0 or 1', rows: 20_000, centre: 1, spread: 6 },
];

describe('ScoreHistogram', () => {
  it.each(worlds)('gives the area under the curve within 0.001: $name', ({ rows, centre, spread }) => {
    for (const seed of [1, 2, 3]) {
      const data = logistic(rows, centre, spread, seed);
      const histogram = histogramOf(data);
      const error = Math.abs(histogram.auc() - areaUnderCurve(data.labels, data.scores));
      expect(error).toBeLessThan(0.001);
      expect(error).toBeLessThanOrEqual(histogram.errorBound());
    }
  });

  it('says by its error bound that it cannot tell scores within one bin apart', () => {
    const histogram = histogramOf({ labels: [0, 1], scores: [0.0001, 0.0002] });
    expect(histogram.auc()).toBe(0.5);
    expect(histogram.errorBound()).toBe(0.5);
  });

  it('counts equal scores half, and has no area with one class', () => {
    expect(histogramOf({ labels: [0, 1, 1], scores: [0.5, 0.5, 1] }).auc()).toBe(0.75);
    expect(histogramOf({ labels: [1, 1], scores: [0, 1] }).auc()).toBeNaN();
    expect(new ScoreHistogram().auc()).toBeNaN();
  });

  it('merges parts to the whole, whatever the split', () => {
    const data = logistic(5_000, -1, 1, 9);
    const whole = histogramOf(data);
    for (const cut of [0, 1, 1234, 5_000]) {
      const part = histogramOf(data, 0, cut);
      part.merge(histogramOf(data, cut));
      expect(part).toEqual(whole);
    }
  });

  it('takes back what was added', () => {
    const histogram = histogramOf(logistic(100, -1, 1, 4));
    const before = histogram.clone();
    histogram.add(0.7, 1);
    histogram.remove(0.7, 1);
    expect(histogram).toEqual(before);
    expect(() => new ScoreHistogram().remove(0.7, 1)).toThrow('no row with score 0.7 and label 1');
  });

  it('comes back from its bytes, which hold only the range that is used', () => {
    const histogram = histogramOf(logistic(5_000, -1.39, 0.09, 5));
    const bytes = histogram.toBytes();
    expect(ScoreHistogram.fromBytes(bytes)).toEqual(histogram);
    expect(bytes.negatives.length).toBeLessThan(600);
    const ends = histogramOf({ labels: [0, 0, 1], scores: [0, 1, 1] });
    expect(ends.toBytes().negatives.length).toBe(4 * 1025);
    expect(ends.toBytes().positives).toEqual(Uint8Array.from([0xff, 3, 0, 0, 1, 0, 0, 0]));
    expect(ScoreHistogram.fromBytes(ends.toBytes())).toEqual(ends);
    expect(new ScoreHistogram().toBytes()).toEqual({ negatives: new Uint8Array(), positives: new Uint8Array() });
  });

  it('reads bytes in the middle of a larger buffer, as Avro hands them out', () => {
    const { negatives, positives } = histogramOf({ labels: [0, 1], scores: [0.3, 0.6] }).toBytes();
    const buffer = Buffer.concat([Buffer.from([1, 2, 3]), negatives, positives]);
    const back = ScoreHistogram.fromBytes({ negatives: buffer.subarray(3, 3 + negatives.length), positives: buffer.subarray(3 + negatives.length) });
    expect(back.auc()).toBe(1);
  });

  it.each([[1], [4, 0, 0], [0, 4, 0, 0, 1, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0]])('refuses bytes that are no histogram: %j', (...bytes) => {
    expect(() => ScoreHistogram.fromBytes({ negatives: Uint8Array.from(bytes), positives: new Uint8Array() })).toThrow('no score histogram');
  });

  it('refuses a score that is no probability', () => {
    expect(() => new ScoreHistogram().add(NaN, 1)).toThrow('no probability');
    expect(() => new ScoreHistogram().add(-0.1, 0)).toThrow('no probability');
  });
});
