import { ModelVersionRegistered } from '@millrace/contracts';
import type { CheckRule } from '../check.ts';
import { outsideOfStory, promotedOn } from '../story-days.ts';

/** The story has two versions. */
export const versions: CheckRule = {
  name: 'versions',
  leftOut: (story) => outsideOfStory(story, promotedOn),
  judge({ control, model }) {
    const value = control.all(ModelVersionRegistered, model).length;
    return { ok: value === 2, value, limit: 2 };
  },
};
