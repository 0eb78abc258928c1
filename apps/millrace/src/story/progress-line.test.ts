import { describe, expect, it } from '@jest/globals';
import { progressLine, shareOf } from './progress-line.ts';

const day = 86_400_000;
const from = Date.UTC(2001, 0, 1);
const progress = { from, to: from + 4 * day, time: from + day + 7_200_000, rates: [['events', 6_123.4], ['labels', 0]] as const, held: undefined };

describe('the progress line', () => {
  it('has event time, a bar, the share and rates', () => {
    expect(progressLine(progress, 200)).toBe('02 Jan, 02:00 ███████░░░░░░░░░░░░░░░░░  27 %  events 6,123/s  labels 0/s');
  });

  it('says what a hold waits for', () => expect(progressLine({ ...progress, held: 'train-model: fitting' }, 200)).toMatch(/held: train-model: fitting$/));

  it('fits into the terminal', () => expect(progressLine(progress, 40)).toHaveLength(40));

  it('stays within 0 and 100 %: the last flights land behind the last day', () => {
    expect(shareOf({ ...progress, time: from + 5 * day })).toBe(1);
    expect(shareOf({ ...progress, time: from - day })).toBe(0);
  });
});
