import { MillraceError } from '@millrace/contracts';

const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
/** W3C Trace Context, section 3.3.1.5: a longer one may be dropped. */
const longestTracestate = 512;
const identity = /^[\x21-\x7e]{1,200}$/;

/**
 * Headers of a request that its records carry on, each record all of them: the trace context as far as it is one, and what names the
 * event. A `CE-Id` names one event alone; an `Idempotency-Key` names those of an array together with their places.
 *
 * @param index place in an array of several
 * @throws MillraceError INVALID_REQUEST
 */
export function recordHeaders(headers: Readonly<Record<string, string | undefined>>, index: number | undefined): Record<string, string> {
  const carried: Record<string, string> = {};
  if (traceparent.test(headers['traceparent'] ?? '')) {
    carried['traceparent'] = headers['traceparent']!;
    const state = headers['tracestate'];
    if (state !== undefined && state.length <= longestTracestate) carried['tracestate'] = state;
  }
  const id = headers['ce-id'];
  if (id !== undefined && index === undefined) carried['ce_id'] = checked('CE-Id', id);
  const key = headers['idempotency-key'];
  if (key !== undefined) carried['idempotency-key'] = index === undefined ? checked('Idempotency-Key', key) : `${checked('Idempotency-Key', key)}/${index}`;
  return carried;
}

function checked(name: string, value: string): string {
  if (identity.test(value)) return value;
  throw new MillraceError('INVALID_REQUEST', `the ${name} must have 1 to 200 visible ASCII characters`, { hint: 'send a UUID' });
}
