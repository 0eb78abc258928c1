import { MillraceError } from '@millrace/contracts';
import { groupOf } from './plan.ts';
import type { ServicePlan } from './service-runtime.ts';

/** Two groups of one name would share a writer id and fence each other for ever. @throws MillraceError HANDLER_INVALID */
export function refuseEqualNames({ service, streams, deciders, projections }: ServicePlan): void {
  for (const names of [[...streams.map(({ state }) => groupOf(state)), ...deciders.map(({ decider }) => decider.name)], projections.map(({ name }) => name)]) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new MillraceError('HANDLER_INVALID', `${service} has two groups of handlers called '${twice}'`, { hint: 'give one of the state classes, deciders or stores another name' });
  }
}
