import { RetrainRequested } from '@millrace/contracts';
import type { CheckRule } from '../check.ts';
import { outsideOfStory, promotedOn } from '../story-days.ts';

/** One episode: one request beside the first volume of labels. */
export const episodes: CheckRule = {
  name: 'episodes',
  leftOut: (story) => outsideOfStory(story, promotedOn),
  judge({ control, model }) {
    const requests = control.all(RetrainRequested, model).map(({ event }) => event);
    const value = requests.filter(({ trigger }) => trigger !== 'labels').length;
    return { ok: value === 1 && requests.length === 2, value, limit: 1, detail: requests.map(({ trigger, evidence }) => `${trigger}: ${evidence.join('; ')}`).join(' | ') };
  },
};
