import { always, type CheckRule } from '../check.ts';

/** One vector, one label, one prediction each. (A producer may post an event twice: it counts once.) */
export const doubled: CheckRule = {
  name: 'doubled',
  leftOut: always,
  judge({ history }) {
    const counts = { vectors: 0, labels: 0, predictions: 0 };
    for (const seen of history.events()) for (const what of ['vectors', 'labels', 'predictions'] as const) counts[what] += Math.max(0, seen[what] - 1);
    const value = counts.vectors + counts.labels + counts.predictions;
    const detail = Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`).join(', ');
    return { ok: value === 0, value, limit: 0, detail };
  },
};
