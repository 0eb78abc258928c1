import type { CheckRule } from '../check.ts';
import { dayText } from '../../terminal/figures.ts';
import { firstDay } from '../story-days.ts';

/** Vectors served equal those of the reference implementation, on its rows. */
export const goldenVectors: CheckRule = {
  name: 'golden vectors',
  leftOut: ({ from }) => (from === firstDay ? undefined : `windows reach back to ${dayText(firstDay)}, this run begins on ${dayText(from)}`),
  judge({ golden }) {
    const detail = golden.rows === 0 ? 'no reference row was served' : `${golden.rows} rows compared${golden.differing > 0 ? `: ${golden.examples.join('; ')}` : ''}`;
    return { ok: golden.rows > 0 && golden.differing === 0, value: golden.differing, limit: 0, detail };
  },
};
