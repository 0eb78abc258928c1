import type { CheckRule } from '../check.ts';
import { dayText } from '../../terminal/figures.ts';
import { firstDay } from '../story-days.ts';

const limitMs = 2_000;
const firstRoutedDay = Date.UTC(2001, 0, 4);

/** From the append of a posted event to the append of its prediction, for all predictions. */
export const latency: CheckRule = {
  name: 'event to prediction, p99, ms',
  leftOut: ({ from, to, paced }) =>
    !paced ? 'at full speed the backlog is the latency' : from === firstDay && to < firstRoutedDay ? `the first version answers from ${dayText(firstRoutedDay)} on` : undefined,
  judge({ latency: histogram }) {
    const value = histogram.quantile(0.99);
    return { ok: value <= limitMs, value, limit: limitMs, detail: `${histogram.count} predictions` };
  },
};
