import { HttpException } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';

/** What every door says when it does not do what it was asked. */
export interface ErrorBody {
  /** Stable, for programs. */
  readonly code: string;
  /** A sentence for people. */
  readonly error: string;
  /** What to do. */
  readonly hint?: string | undefined;
  /** True: the same request may be answered later. */
  readonly retriable: boolean;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody | object;
  /** Seconds for Retry-After. */
  readonly retryAfter?: number;
  /** Nobody planned it: it belongs into the log, not into the answer. */
  readonly unexpected?: true;
}

const statuses: Readonly<Record<string, number>> = {
  NOT_FOUND: 404, CONFLICT: 409, REFUSED: 409, TOO_LARGE: 413, BODY_TOO_LARGE: 413, RECORD_TOO_LARGE: 413, UNSUPPORTED_MEDIA_TYPE: 415, EXPECTATION_FAILED: 417, HEADERS_TOO_LARGE: 431, TOO_MANY_REQUESTS: 429, PRODUCER_CLOSED: 503,
};

/** What the server and its framework find wrong with a request before anything of ours sees it, by status. */
const refusals: Readonly<Record<number, Omit<ErrorBody, 'retriable'>>> = {
  400: { code: 'INVALID_REQUEST', error: 'the request is malformed', hint: 'send HTTP/1.1 with a body of content-type application/json' },
  404: { code: 'NOT_FOUND', error: 'there is nothing at this address', hint: 'GET /status answers at every service' },
  408: { code: 'REQUEST_TIMEOUT', error: 'the request did not come completely in time', hint: 'send it again' },
  413: { code: 'BODY_TOO_LARGE', error: 'the body is larger than 1 MiB', hint: 'send less in one request' },
  414: { code: 'ADDRESS_TOO_LONG', error: 'the address is too long', hint: 'a part of it may have 100 characters' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', error: 'the body is not of a type that is read here', hint: 'send content-type: application/json' },
  431: { code: 'HEADERS_TOO_LARGE', error: 'the headers are more than 100, or more than 16 KiB', hint: 'send fewer' },
};

/** The answer to an error of a handler, of the framework, or to anything else that was thrown: no stack, no path, nothing from inside. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof MillraceError) {
    const { code, message, hint } = error;
    const status = statuses[code] ?? (error.retriable ? 503 : 400);
    const retriable = error.retriable || status === 503;
    return { status, body: { code, error: message, hint, retriable }, ...(retriable ? { retryAfter: 1 } : {}) };
  }
  if (error instanceof HttpException && !isOfNest(error)) return { status: error.getStatus(), body: error.getResponse() as object, ...(error.getStatus() === 503 ? { retryAfter: 1 } : {}) };
  const status = error instanceof HttpException ? error.getStatus() : Number((error as { statusCode?: number } | undefined)?.statusCode ?? 500);
  if (status >= 400 && status < 500) return { status, body: { ...(refusals[status] ?? refusals[400]!), retriable: false } };
  return { status: 500, unexpected: true, body: { code: 'INTERNAL', error: 'the service failed to answer', hint: 'its log says why', retriable: false } };
}

/** The answer to what was no request, as the bytes of an HTTP response that ends the connection. */
export function rawAnswer(status: number): string {
  const body = JSON.stringify({ ...(refusals[status] ?? refusals[400]!), retriable: status === 408 });
  return `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

/** One whose text Nest has written, such as the 404 of an unknown address, which repeats the address. */
function isOfNest(error: HttpException): boolean {
  const response = error.getResponse();
  return typeof response !== 'object' || 'statusCode' in response;
}
