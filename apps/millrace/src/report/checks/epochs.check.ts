import { always, type CheckRule } from '../check.ts';

/** A rollback is final: along each partition of the predictions the route epoch never decreases. */
export const epochsGrow: CheckRule = {
  name: 'route epochs never decrease',
  leftOut: always,
  judge: ({ epochs }) => ({ ok: epochs.decreases === 0, value: epochs.decreases, limit: 0, detail: epochs.examples.join('; ') }),
};
