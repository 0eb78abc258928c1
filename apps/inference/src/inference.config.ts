import { readOptions, wholeOption, type Values } from '@millrace/service';

export const inferenceOptions = {
  deadlineMs: wholeOption({ variable: 'MILLRACE_SCORING_DEADLINE_MS', about: 'Milliseconds that a model may take for one call; beyond it its process is replaced, and the vectors of the call are asked again, at last one by one; those that end it again are FAILED.', fallback: '2000', min: 10, max: 60_000 }),
  rowsPerCall: wholeOption({ variable: 'MILLRACE_SCORING_ROWS', about: 'Rows of one call to a model at most. More = fewer calls, more to ask again when one call fails.', fallback: '1024', min: 1, max: 20_000 }),
  patienceMs: wholeOption({ variable: 'MILLRACE_BUNDLE_PATIENCE_MS', about: 'Milliseconds in which a missing bundle may still appear, or a model process that was ended from outside is started again, before its loading counts as failed.', fallback: '15000', min: 0, max: 600_000 }),
  idleMs: wholeOption({ variable: 'MILLRACE_SCORER_IDLE_MS', about: 'Milliseconds that a model which no route needs stays loaded. More = quicker roll back, more memory.', fallback: '60000', min: 0, max: 3_600_000 }),
  memoryMb: wholeOption({ variable: 'MILLRACE_SCORER_MEMORY_MB', about: 'Memory of one model process at most, megabytes; beyond it the process is replaced.', fallback: '512', min: 64, max: 65_536 }),
};

/** Options of this service: type and injection token in one. */
export abstract class InferenceOptions implements Values<typeof inferenceOptions> {
  abstract readonly deadlineMs: number;
  abstract readonly rowsPerCall: number;
  abstract readonly patienceMs: number;
  abstract readonly idleMs: number;
  abstract readonly memoryMb: number;
}

export const readInferenceOptions = (environment: Readonly<Record<string, string | undefined>>): InferenceOptions => readOptions(inferenceOptions, environment);
