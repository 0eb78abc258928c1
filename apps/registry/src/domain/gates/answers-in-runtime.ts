import { MillraceError } from '@millrace/contracts';
import type { GoldenAnswers, Runtime } from '../runtime.ts';
import type { Gate } from './gate.ts';
import { figure } from './metric.ts';

/** What says nothing about the model: its bundle may still come, and this machine may have room for a process again. */
const judgedLater = ['BUNDLE_MISSING', 'SCORING_UNAVAILABLE'];

/** A process that somebody else ends again and again: what ends it every time may be what the model needs. */
const ended = { code: 'SCORING_ENDED', attempts: 3 };

/** The bundle loads in the runtime that serves, and gives its golden answers there. */
export function answersInRuntime(runtime: Runtime): Gate {
  const name = 'answers-in-runtime';
  return {
    name,
    async judge({ bundle }) {
      try {
        const { provider, rows, largestDifference, tolerance } = await golden(runtime, bundle);
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

async function golden(runtime: Runtime, bundle: string): Promise<GoldenAnswers> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runtime.golden(bundle);
    } catch (error) {
      if ((error as Partial<MillraceError>).code !== ended.code || attempt === ended.attempts) throw error;
    }
  }
}
