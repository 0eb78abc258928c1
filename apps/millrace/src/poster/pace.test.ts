import { describe, expect, it } from '@jest/globals';
import { Pace, type Clock } from './pace.ts';

/** A clock that stands still but for sleep. */
class TestClock implements Clock {
  time = 1_000;
  now(): number {
    return this.time;
  }
  async sleep(ms: number): Promise<void> {
    this.time += ms;
  }
}

const { signal } = new AbortController();
const hour = 3_600_000;
const midnight = Date.UTC(2001, 0, 1);

describe('the clock of the world', () => {
  it('runs a day in the given time', async () => {
    const clock = new TestClock();
    const pace = new Pace(24_000, clock);
    pace.setTo(midnight);
    await pace.reach(midnight + hour, signal);
    expect(clock.time).toBe(2_000);
    await pace.reach(midnight + 24 * hour, signal);
    expect(clock.time).toBe(25_000);
  });

  it('stands still while it is held', async () => {
    const clock = new TestClock();
    const pace = new Pace(24_000, clock);
    pace.setTo(midnight);
    await pace.reach(midnight + 24 * hour, signal);
    clock.time += 60_000;
    pace.setTo(midnight + 24 * hour);
    await pace.reach(midnight + 25 * hour, signal);
    expect(clock.time).toBe(25_000 + 60_000 + 1_000);
  });

  it('never waits at full speed, nor when it is late', async () => {
    const clock = new TestClock();
    for (const pace of [new Pace(0, clock), new Pace(24_000, clock)]) {
      pace.setTo(midnight);
      clock.time += 10_000;
      const before = clock.time;
      await pace.reach(midnight + hour, signal);
      expect(clock.time).toBe(before);
    }
  });
});
