import { RolloutAborted, RolloutCompleted, RouteChanged } from '@millrace/contracts';
import type { CheckRule } from '../check.ts';
import { outsideOfStory, promotedOn } from '../story-days.ts';

const steps = [5, 25, 75, 100];

/** Version 2 took over by the four steps of its definition. */
export const canarySteps: CheckRule = {
  name: 'canary steps of version 2',
  leftOut: (story) => outsideOfStory(story, promotedOn),
  judge({ control, model }) {
    const value = control.all(RouteChanged, model).flatMap(({ event: { arms } }) => arms.filter(({ role, version }) => role === 'CANARY' && version === 2).map(({ weight }) => weight));
    const isCompleted = control.all(RolloutCompleted, model).some(({ event }) => event.version === 2);
    const isAborted = control.all(RolloutAborted, model).some(({ event }) => event.version === 2);
    return { ok: value.join() === steps.join() && isCompleted && !isAborted, value, limit: steps, detail: isCompleted ? 'completed' : isAborted ? 'aborted' : 'not completed' };
  },
};
