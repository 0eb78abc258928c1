/** What a caller needs to know of an error beside its text. */
export interface ErrorAdvice {
  /** Whether the same call may succeed later without any change. Default false. */
  retriable?: boolean;
  /** What to do next, one sentence. */
  hint?: string;
  cause?: unknown;
}

/** An error with a code for machines, whether a retry may help, and what to do next. */
export class MillraceError extends Error {
  readonly code: string;
  readonly retriable: boolean;
  readonly hint: string | undefined;

  constructor(code: string, message: string, advice: ErrorAdvice = {}) {
    super(message, advice.cause === undefined ? undefined : { cause: advice.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.retriable = advice.retriable ?? false;
    this.hint = advice.hint;
  }
}
