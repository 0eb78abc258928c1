import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CutShort } from './cut-short.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const ended = { topic: 't', partition: 0, next: 5, atEnd: true };

describe('a log that ends before what was committed', () => {
  it('is given longer than a replica may lag behind its leader, then it is refused', () => {
    const cutShort = new CutShort();
    cutShort.check(ended, 7);
    // replica.lag.time.max.ms: so long a replica that stands still may keep a new leader from knowing its end.
    jest.advanceTimersByTime(31_000);
    cutShort.check(ended, 7);
    jest.advanceTimersByTime(10_000);
    expect(() => cutShort.check(ended, 7)).toThrow(expect.objectContaining({ code: 'BEYOND_LOG_END' }) as unknown as Error);
  });

  it('may be read again by a new reader where nothing was committed', () => {
    const cutShort = new CutShort(false);
    cutShort.check(ended, 7);
    jest.advanceTimersByTime(41_000);
    expect(() => cutShort.check(ended, 7)).toThrow(expect.objectContaining({ code: 'LOG_BEHIND', retriable: true }) as unknown as Error);
  });

  it('is given that time anew once it has shown more', () => {
    const cutShort = new CutShort();
    cutShort.check(ended, 7);
    jest.advanceTimersByTime(39_000);
    cutShort.check({ ...ended, next: 7 }, 7);
    cutShort.check({ ...ended, next: 7 }, 9);
    jest.advanceTimersByTime(39_000);
    cutShort.check({ ...ended, next: 7 }, 9);
  });
});
