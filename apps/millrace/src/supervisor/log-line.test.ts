import { describe, expect, it } from '@jest/globals';
import { parseLogLine } from './log-line.ts';

describe('a line of a service', () => {
  it('is read by level and text', () => {
    expect(parseLogLine('monitor', '{"time":"…","level":"warn","service":"monitor","text":"slow"}')).toEqual({ service: 'monitor', level: 'warn', text: 'slow' });
  });

  it.each(['Segmentation fault', '{"level":"warn"', '{"level":"loud","text":"x"}', '{"text":7,"level":"info"}'])('counts as an error when it is no log line: %s', (line) =>
    expect(parseLogLine('monitor', line)).toEqual({ service: 'monitor', level: 'error', text: line }),
  );
});
