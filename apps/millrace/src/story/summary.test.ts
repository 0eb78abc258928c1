import { describe, expect, it } from '@jest/globals';
import { judge } from '../report/all-checks.ts';
import { evidenceOf, latencyOf, theStory } from '../report/evidence.fixture.ts';
import type { Evidence, StoryOptions } from '../report/evidence.ts';
import { summaryLines } from './summary.ts';

const run = { seconds: { start: 4.5, posting: 110 }, peakMemory: { monitor: 2.5e8 }, restarts: { monitor: 2, trainer: 0 } };

function textOf(evidence: Evidence, story: StoryOptions): string {
  // eslint-disable-next-line no-control-regex -- colours depend on where the tests run
  return summaryLines(evidence, judge(evidence, story), run).join('\n').replace(/\u001B\[\d+m/g, '');
}

describe('the summary', () => {
  const good = textOf(evidenceOf(), theStory);

  it.each([
    'events 6, vectors 3, predictions 2, labels 3', 'event to prediction: p50 20 ms, p99 30 ms', '0.7180    0.4519  1:100 % 2:95 % 3:75 % 4:25 %', '0.7310    0.4331  2:5 % 3:25 % 4:75 % 5:100 % 6:100 %',
    'canary steps of version 2', '5, 25, 75, 100', 'seconds   start 4.5, posting 110.0', 'memory    monitor 250 MB', 'restarts  monitor 2\n', 'every check held',
  ])('tells %j', (part) => expect(good).toContain(part));

  it('says which checks failed', () => {
    const bad = textOf(evidenceOf({ latency: latencyOf(3_000) }), theStory);
    expect(bad).toMatch(/✗ {2}event to prediction, p99, ms +3,000 +2,000/);
    expect(bad).toMatch(/1 of 14 checks failed$/);
  });

  it('says which were not made, and why', () => {
    const short = textOf(evidenceOf(), { ...theStory, to: Date.UTC(2001, 0, 4) });
    expect(short).toContain('– left out, as it needs the flights up to 2001-01-10, this run ends with 2001-01-04: versions, episodes, canary steps of version 2');
  });
});
