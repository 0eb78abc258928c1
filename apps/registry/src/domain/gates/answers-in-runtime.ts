import { MillraceError } from '@millrace/contracts';
import type { Runtime } from '../runtime.ts';
import type { Gate } from './gate.ts';
import { figure } from './metric.ts';

/** What says nothing about the model: its bundle may still come, and this machine may have room for a process again. */
const judgedLater = ['BUNDLE_MISSING', 'SCORING_UNAVAILABLE'];

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
        // A model that hangs or crashes has failed.
        if (!(error instanceof MillraceError) || judgedLater.includes(error.code)) throw error;
        return { gate: name, passed: false, value: NaN, limit: NaN, sentence: `the bundle does not answer: ${error.message} (${error.code})` };
      }
    },
  };
}
