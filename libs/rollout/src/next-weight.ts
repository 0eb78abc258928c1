import { MillraceError } from '@millrace/contracts';

/**
 * The weight of the step after `current`, in per cent; undefined after the last step. A weight between two steps goes to the
 * next higher one.
 *
 * @param steps ascending, in (0, 100], the last one 100
 * @param current 0 before the first step
 * @throws MillraceError NOT_STEPS
 * @example nextWeight([5, 25, 75, 100], 25) // 75
 */
export function nextWeight(steps: readonly number[], current: number): number | undefined {
  const ascending = steps.every((step, i) => step > (steps[i - 1] ?? 0) && step <= 100);
  if (!ascending || steps.at(-1) !== 100)
    throw new MillraceError('NOT_STEPS', `rollout steps [${steps.join(', ')}] do not ascend to 100`, { hint: 'for example [5, 25, 75, 100]' });
  return steps.find((step) => step > current);
}
