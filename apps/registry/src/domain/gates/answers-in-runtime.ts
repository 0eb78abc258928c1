import { MillraceError } from '@millrace/contracts';
import type { Runtime } from '../runtime.ts';
import type { Gate } from './gate.ts';
import { figure } from './metric.ts';

/** The bundle loads in the runtime that serves, and gives its golden answers there. */
export function answersInRuntime(runtime: Runtime): Gate {
  const name = 'answers-in-runtime';
  return {
    name,
    async judge({ bundle }) {
      try {
        const { provider, rows, largestDifference, tolerance } = await runtime.golden(bundle);
        const passed = largestDifference <= tolerance;
        return { gate: name, passed, value: largestDifference, limit: tolerance, sentence: `${rows} golden rows answered on ${provider} differ by at most ${figure(largestDifference)}; ${figure(tolerance)} is allowed` };
      } catch (error) {
        // A bundle that is not there yet may still come; a model that hangs or crashes has failed.
        if (!(error instanceof MillraceError) || error.code === 'BUNDLE_MISSING') throw error;
        return { gate: name, passed: false, value: NaN, limit: NaN, sentence: `the bundle does not answer: ${error.message} (${error.code})` };
      }
    },
  };
}
