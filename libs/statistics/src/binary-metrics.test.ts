import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { accuracy } from './accuracy.ts';
import { areaUnderCurve } from './area-under-curve.ts';
import { Calibration } from './calibration.ts';
import { logLoss, lossOf } from './log-loss.ts';
import { meanOf } from './mean-of.ts';

interface Case {
  name: string;
  labels: number[];
  scores: number[];
  auc: number | null;
  logLoss: number;
  accuracy: number;
}
const { cases } = JSON.parse(readFileSync(new URL('../fixtures/binary-metrics.json', import.meta.url), 'utf8')) as { cases: Case[] };

describe('metrics of binary predictions', () => {
  it.each(cases)('equal scikit-learn on $name', ({ labels, scores, auc, ...want }) => {
    if (auc === null) expect(areaUnderCurve(labels, scores)).toBeNaN();
    else expect(areaUnderCurve(labels, scores)).toBeCloseTo(auc, 12);
    expect(logLoss(labels, scores)).toBeCloseTo(want.logLoss, 12);
    expect(accuracy(labels, scores)).toBeCloseTo(want.accuracy, 12);
  });

  it('count −0 and 0 as a tie', () => {
    expect(areaUnderCurve([0, 1], [0, -0])).toBe(0.5);
    expect(areaUnderCurve([1, 0], [0, -0])).toBe(0.5);
  });

  it('are undefined without rows', () => {
    for (const metric of [areaUnderCurve, logLoss, accuracy]) expect(metric([], [])).toBeNaN();
    expect(meanOf([])).toBeNaN();
  });

  it('refuse what is no pair of label and probability', () => {
    expect(() => areaUnderCurve([0, 1], [0.5])).toThrow('2 labels but 1 scores');
    expect(() => areaUnderCurve([0, 1], [0.5, NaN])).toThrow('score of row 1 is NaN');
    expect(() => accuracy([2], [0.5])).toThrow('label 2 is neither 0 nor 1');
    expect(() => lossOf(1, 1.5)).toThrow('no probability');
    expect(() => lossOf(1, NaN)).toThrow('no probability');
  });
});

describe('Calibration', () => {
  it('merges to the mean score and rate of all rows', () => {
    const a = new Calibration();
    const b = new Calibration();
    a.add(0.25, 1);
    b.add(0.75, 1);
    b.add(0.5, 0);
    a.merge(b);
    expect([a.rows, a.meanPrediction, a.gap]).toEqual([3, 0.5, 0.5 - 2 / 3]);
  });
});
