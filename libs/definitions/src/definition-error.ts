import { MillraceError } from '@millrace/contracts';

/** Refuses a definition. @param at `path:line` of the definition, or the place in the canonical form */
export function definitionError(at: string, reason: string, hint?: string): MillraceError {
  return new MillraceError('DEFINITION_INVALID', `${at}: ${reason}`, hint === undefined ? {} : { hint });
}
