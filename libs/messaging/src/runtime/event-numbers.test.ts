import { describe, expect, it } from '@jest/globals';
import { EventNumbers } from './event-numbers.ts';

/** Numbers after three committed events, and two more whose commit was not answered. */
function afterThreeAndTwo(): EventNumbers {
  const numbers = new EventNumbers();
  numbers.found(0);
  numbers.use(3);
  numbers.sent();
  numbers.committed();
  numbers.use(2);
  numbers.sent();
  return numbers;
}

describe('numbers of events', () => {
  it('go on where the topics end, whatever was used before', () => {
    const numbers = afterThreeAndTwo();
    numbers.found(3);
    expect(numbers.next).toBe(3);
  });

  it.each([[3, false], [5, false], [4, true], [6, true]])('tell of topics that end with %i events whether somebody else has written them: %s', (end, isOther) => {
    expect(afterThreeAndTwo().found(end)).toBe(isOther);
  });

  it('refuse topics that end before what was committed, and go on when they show it', () => {
    const numbers = afterThreeAndTwo();
    expect(() => numbers.found(2)).toThrow(expect.objectContaining({ code: 'LOG_BEHIND', retriable: true }) as unknown as Error);
    expect(numbers.found(3)).toBe(false);
  });
});
