import { describe, expect, it } from '@jest/globals';
import { PhaseClock } from './phase-clock.ts';

describe('seconds per phase', () => {
  it('add to what was timed before this process', async () => {
    let now = 0;
    const phases = new PhaseClock(() => now, '{"install":12.5,"build":"x"}');
    await phases.time('start', async () => (now += 1_500));
    await expect(phases.time('posting', () => ((now += 500), Promise.reject(new Error('away'))))).rejects.toThrow('away');
    expect(phases.seconds).toEqual({ install: 12.5, start: 1.5, posting: 0.5 });
  });

  it('do not depend on what the environment holds', () => expect(new PhaseClock(() => 0, 'no json').seconds).toEqual({}));
});
