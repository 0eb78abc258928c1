import { MillraceError } from '@millrace/contracts';
import { brokerErrorType, isFenced } from './kafka-error.ts';

/**
 * What became of a failed transaction.
 * - `aborted`: it was not committed and cannot be any more once a successor has fenced this writer
 * - `unknown`: the commit was sent and not answered; the offsets that a successor reads after fencing tell
 * - `fenced`: a successor with the same id exists, or the transaction timed out; nothing of it was committed
 */
export type TransactionOutcome = 'aborted' | 'unknown' | 'fenced';

const CODES = { aborted: 'TRANSACTION_ABORTED', unknown: 'TRANSACTION_UNKNOWN', fenced: 'WRITER_FENCED' } as const;

/**
 * Answers to EndTxn that say that it was not carried out. Everything else may have been: a coordinator that loses its role while the
 * decision is being replicated says NOT_COORDINATOR or COORDINATOR_NOT_AVAILABLE, and its successor finds the decision in the log.
 */
const REFUSALS = new Set(['INVALID_TXN_STATE', 'GROUP_LOAD_IN_PROGRESS', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'INVALID_PRODUCER_ID_MAPPING']);

/** A transaction that did not end by a resolved commit. Its writer is dead; open a new one with the same id. */
export class TransactionFailed extends MillraceError {
  readonly outcome: TransactionOutcome;
  /** The step at which it failed. */
  readonly step: string;

  constructor(outcome: TransactionOutcome, step: string, cause: unknown) {
    const reason = brokerErrorType(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    super(CODES[outcome], `the transaction failed at '${step}': ${reason}`, { cause, retriable: true, hint: 'Open a writer with the same id and read its committed offsets.' });
    this.outcome = outcome;
    this.step = step;
  }

  /** Judges an error by the step that raised it. `commitSent` is whether an EndTxn may have left this process. */
  static at(step: string, commitSent: boolean, cause: unknown): TransactionFailed {
    if (isFenced(cause)) return new TransactionFailed('fenced', step, cause);
    const refused = REFUSALS.has(brokerErrorType(cause) ?? '');
    return new TransactionFailed(commitSent && !refused ? 'unknown' : 'aborted', step, cause);
  }
}
