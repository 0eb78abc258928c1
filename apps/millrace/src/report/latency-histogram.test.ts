import { describe, expect, it } from '@jest/globals';
import { LatencyHistogram } from './latency-histogram.ts';

describe('latencies', () => {
  it('have quantiles', () => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms);
    histogram.add(1_000_000);
    expect([0.5, 0.99, 1].map((q) => histogram.quantile(q))).toEqual([51, 100, 120_000]);
    expect(histogram.count).toBe(101);
  });

  it('are unknown without values', () => expect(new LatencyHistogram().quantile(0.5)).toBeNaN());
});
