import { until } from '@millrace/testing';
import type { Deployment } from './deployment.ts';

/** The longest rest of a model that fails, and the time to notice its end. */
const withinMs = 75_000;

/** Waits until no model rests any more that lost its process again and again: one that rests answers nothing, however sound it is by now. */
export async function untilModelsMayBeAsked(deployment: Deployment): Promise<void> {
  const mayBeAsked = async (): Promise<boolean> => {
    const standings = await Promise.all(deployment.all('inference').map((service) => service.get<{ models: readonly { restsMs: number }[] }>('routes')));
    return standings.every((standing) => standing?.models.every(({ restsMs }) => restsMs === 0));
  };
  await until(mayBeAsked, { what: 'inference without resting models', timeoutMs: withinMs, everyMs: 200 });
}
