import type { IncomingMessage } from 'node:http';
import { MillraceError } from '@millrace/contracts';
import { Admission } from './admission.ts';
import { clientAddress } from './client-address.ts';
import { bodyLimit, headerLimit, type DoorLimits } from './door-limits.ts';

type Guard = (method: string, path: string) => MillraceError | undefined;

/** The HTTP door of a service: what it takes on, and what it refuses before reading more than the headers. */
export class Door {
  readonly limits: DoorLimits;
  readonly admission: Admission;
  private readonly guards: Guard[] = [];
  private stopped = false;

  constructor(limits: DoorLimits) {
    this.limits = limits;
    this.admission = new Admission(limits);
  }

  /** Refuses requests that `guard` has an error for, before their bodies are read. The path is as it was sent, not decoded. */
  guard(guard: Guard): void {
    this.guards.push(guard);
  }

  /** Whether it takes nothing any more but questions about health. */
  get isStopping(): boolean {
    return this.stopped;
  }

  /** From now on requests are refused; those that are being worked on are answered. */
  stop(): void {
    this.stopped = true;
  }

  /** Why a request is refused, by its headers alone. What asks for health is always let in. */
  refusal(request: IncomingMessage): MillraceError | undefined {
    const { method = '', url = '', headers, rawHeaders, httpVersion } = request;
    // Node would refuse it without saying why.
    if (headers.host === undefined && httpVersion !== '1.0') return new MillraceError('INVALID_REQUEST', 'the request has no Host header', { hint: 'HTTP/1.1 asks for one' });
    if (rawHeaders.length > 2 * headerLimit) return new MillraceError('HEADERS_TOO_LARGE', `the request has more than ${headerLimit} headers`, { hint: 'send fewer' });
    const length = bodyBytesOf(request);
    if (length > bodyLimit) return new MillraceError('BODY_TOO_LARGE', `a body of ${length} bytes is larger than 1 MiB`, { hint: 'send less in one request' });
    if (asksForHealth(request)) return undefined;
    if (this.stopped) return new MillraceError('STOPPING', 'the service is about to end', { retriable: true, hint: 'send it again after the seconds of Retry-After, with the same ids: another process takes over' });
    for (const guard of this.guards) {
      const error = guard(method, url);
      if (error) return error;
    }
    return this.admission.refusal(clientOf(request), length);
  }
}

/** Bytes that a request announces for its body; one that does not say how many may have as many as any. */
export function bodyBytesOf({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : bodyLimit;
}

/** A question about health brings no body: one with a body is a request like others. */
export function asksForHealth(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith('/health/') && bodyBytesOf(request) === 0;
}

/** Whose share a request counts against. */
export function clientOf(request: IncomingMessage): string {
  return clientAddress(request.socket.remoteAddress);
}
