import { always, type CheckRule } from '../check.ts';
import type { Seen } from '../history.ts';

const steps = [
  ['posted', 'ingested', 'posted events without outcome'],
  ['ingested', 'vectors', 'events without vector'],
  ['due', 'predictions', 'vectors without prediction'],
  ['outcomePosted', 'outcomeIngested', 'posted outcomes without outcome'],
  ['outcomeIngested', 'labels', 'outcomes without label'],
] as const satisfies readonly (readonly [keyof Seen, keyof Seen, string])[];

/** Every accepted record goes on: event to vector, vector (from the first adopted route on) to prediction, outcome to label. */
export const lost: CheckRule = {
  name: 'lost',
  leftOut: always,
  judge({ history, unreadable }) {
    const counts = steps.map(() => 0);
    for (const seen of history.events()) steps.forEach(([from, to], step) => (counts[step]! += seen[from] > 0 && seen[to] === 0 ? 1 : 0));
    const value = counts.reduce((sum, count) => sum + count, unreadable);
    const detail = [...steps.map(([, , what], step) => [counts[step]!, what] as const), [unreadable, 'posted records that were neither accepted nor rejected'] as const].filter(([count]) => count > 0);
    return { ok: value === 0 && history.size > 0, value, limit: 0, detail: history.size === 0 ? 'nothing was posted' : detail.map(([count, what]) => `${count} ${what}`).join(', ') };
  },
};
