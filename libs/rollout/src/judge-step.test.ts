import { describe, expect, it } from '@jest/globals';
import { failedShare, judgeStep, type ArmOutcomes, type StepEvidence } from './judge-step.ts';

const arm = (ok: number, failed = 0, fallback = 0): ArmOutcomes => ({ ok, failed, fallback });
const step = (change: Partial<StepEvidence>): StepEvidence => ({
  weight: 25, canary: arm(500), champion: arm(1500), championFailedShare: 0, minimum: 500, elapsedMs: 1000, maximumWaitMs: 600_000, ...change,
});

describe('judgeStep', () => {
  it('advances with enough outcomes and no more failures than the champion', () => {
    expect(judgeStep(step({}))).toBe('advance');
    expect(judgeStep(step({ canary: arm(900, 100), champion: arm(1800, 200) }))).toBe('advance');
  });

  it('waits for the smaller arm, whichever it is', () => {
    expect(judgeStep(step({ canary: arm(499) }))).toBe('wait');
    expect(judgeStep(step({ weight: 75, canary: arm(1500), champion: arm(499) }))).toBe('wait');
    expect(judgeStep(step({ weight: 75, canary: arm(1500), champion: arm(500) }))).toBe('advance');
  });

  it('does not judge a candidate by a few failures before the minimum', () => {
    expect(judgeStep(step({ canary: arm(0, 10) }))).toBe('wait');
  });

  it('allows one percentage point more than the champion, and not an event more', () => {
    expect(judgeStep(step({ canary: arm(990, 10), champion: arm(1000) }))).toBe('advance');
    expect(judgeStep(step({ canary: arm(989, 11), champion: arm(1000) }))).toEqual({ abort: expect.stringContaining('1.10 % of 1000 events, allowed are 1.00 %') });
    expect(judgeStep(step({ canary: arm(960, 40), champion: arm(970, 30) }))).toBe('advance');
  });

  it('counts a fallback against the candidate, and failures towards the minimum', () => {
    expect(judgeStep(step({ canary: arm(400, 0, 100) }))).toEqual({ abort: expect.stringContaining('20.00 %') });
  });

  it('aborts what it could not judge within the maximum wait', () => {
    expect(judgeStep(step({ canary: arm(0), champion: arm(0), elapsedMs: 600_000 }))).toEqual({ abort: 'at 25 % only 0 of 500 outcomes within 600 s' });
    expect(judgeStep(step({ elapsedMs: 700_000 }))).toBe('advance');
  });

  it('at 100 % asks for the candidate alone and compares it with what the champion did before', () => {
    const last = { weight: 100, champion: arm(0) };
    expect(judgeStep(step(last))).toBe('advance');
    expect(judgeStep(step({ ...last, canary: arm(499) }))).toBe('wait');
    expect(judgeStep(step({ ...last, canary: arm(480, 20) }))).toEqual({ abort: expect.stringContaining('4.00 %') });
    expect(judgeStep(step({ ...last, canary: arm(480, 20), championFailedShare: failedShare(arm(970, 30)) }))).toBe('advance');
  });
});
