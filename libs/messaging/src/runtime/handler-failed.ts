import { MillraceError } from '@millrace/contracts';

/** An error that would happen again with the same input: the loop stops, since skipping would change history silently. */
export class HandlerFailed extends MillraceError {
  constructor(stem: string, error: unknown) {
    const { message = String(error), code } = (error ?? {}) as Partial<MillraceError>;
    super('HANDLER_FAILED', `the handler of ${stem} failed: ${message}${code ? ` (${code})` : ''}`, { cause: error, hint: 'see docs/runbooks/handler-failed.md' });
  }
}

/** What an error of a rule means for its loop: one that says so itself may pass by, everything else would happen again. */
export function handlerError(stem: string, error: unknown): MillraceError {
  return error instanceof HandlerFailed || (error instanceof MillraceError && error.retriable) ? error : new HandlerFailed(stem, error);
}

/** Runs a rule. @throws what it throws, as `handlerError` has it */
export function ruled<T>(stem: string, rule: () => T): T {
  try {
    return rule();
  } catch (error) {
    throw handlerError(stem, error);
  }
}
