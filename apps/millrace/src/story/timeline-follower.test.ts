import { afterEach, describe, expect, it } from '@jest/globals';
import type { TimelineEntry } from '../client/console-client.ts';
import { TimelineFollower } from './timeline-follower.ts';

const entry = (id: string, kind = 'route-changed', figures = {}): TimelineEntry => ({ id, at: 0, kind, text: id, figures });

describe('the timeline', () => {
  let follower: TimelineFollower;
  const told: string[] = [];
  let entries: TimelineEntry[] | Error = [];
  const client = { timeline: async () => (entries instanceof Error ? Promise.reject(entries) : entries) };
  const follow = (past: TimelineEntry[]): void => {
    told.length = 0;
    follower = new TimelineFollower(client, 'm', past, ({ text }) => told.push(text));
  };
  afterEach(() => follower.close());

  it('is told once, in order, without what was known before', async () => {
    follow([entry('a')]);
    entries = [entry('a'), entry('b')];
    await follower.look();
    entries = [entry('a'), entry('b'), entry('c')];
    await follower.look();
    await follower.look();
    expect(told).toEqual(['b', 'c']);
  });

  it('does not tell a restated report again', async () => {
    follow([]);
    const figures = { version: 1, role: 'CHAMPION', windowStart: 5 };
    entries = [entry('findings:1', 'performance-reported', figures)];
    await follower.look();
    entries = [entry('findings:2', 'performance-reported', figures), entry('findings:3', 'performance-reported', { ...figures, windowStart: 6 })];
    await follower.look();
    expect(told).toEqual(['findings:1', 'findings:3']);
  });

  it('goes on when the console was away', async () => {
    follow([]);
    entries = new Error('restarting');
    await follower.look();
    entries = [entry('a')];
    await follower.look();
    expect(told).toEqual(['a']);
  });
});
