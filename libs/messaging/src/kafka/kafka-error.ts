import { MillraceError } from '@millrace/contracts';

interface KafkajsError {
  type?: string;
  name?: string;
  code?: number | string;
  message?: string;
  cause?: unknown;
  retriable?: boolean;
}

/** Codes that kafkajs 2.2.4 does not know; it reports them only as text. */
const UNKNOWN_CODES: Record<string, string> = {
  '90': 'PRODUCER_FENCED', '91': 'RESOURCE_NOT_FOUND', '92': 'DUPLICATE_RESOURCE', '120': 'TRANSACTION_ABORTABLE',
};

/** Error type that the broker answered with, found below the wrappers that kafkajs's retries put around it. */
export function brokerErrorType(error: unknown): string | undefined {
  for (let at = error as KafkajsError | undefined; at && typeof at === 'object'; at = at.cause as KafkajsError | undefined) {
    const unknown = /Unknown error code (\d+)/.exec(at.message ?? '')?.[1];
    if (unknown) return UNKNOWN_CODES[unknown] ?? `ERROR_${unknown}`;
    if (typeof at.type === 'string') return at.type;
  }
  return undefined;
}

/** Whether the producer has been replaced by a successor with the same transactional id, or its transaction has timed out. */
export function isFenced(error: unknown): boolean {
  const type = brokerErrorType(error);
  return type === 'INVALID_PRODUCER_EPOCH' || type === 'PRODUCER_FENCED';
}

/** Error of a library call with what failed, by its cause in one sentence. */
export function kafkaError(code: string, doing: string, cause: unknown, hint?: string): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const { message = String(cause), retriable } = (cause ?? {}) as KafkajsError;
  const type = brokerErrorType(cause);
  return new MillraceError(code, `${doing} failed: ${type ?? message}`, { cause, retriable: retriable ?? false, ...(hint === undefined ? {} : { hint }) });
}
