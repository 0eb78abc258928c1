import { randomBytes } from 'node:crypto';

/** Trace context of a caller (W3C Trace Context, `traceparent`), sampled. */
export interface Caller {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceparent: string;
}

export function newCaller(): Caller {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: traceparentOf({ traceId, spanId }) };
}

export const traceparentOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `00-${traceId}-${spanId}-01`;
