import { MillraceError } from '@millrace/contracts';

interface Refusal {
  readonly code?: string;
  readonly error?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly retriable?: boolean;
}

const withinMs = 30_000;

/**
 * Asks a door of a service. Its errors come back as they were thrown there.
 *
 * @param body sent as JSON; a text is taken as JSON already
 * @throws MillraceError with the door's code; UNREACHABLE when nobody answers
 */
export async function askDoor(address: string, method: 'GET' | 'POST', path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const url = new URL(path, address);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(withinMs),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new MillraceError('UNREACHABLE', `${url.origin} does not answer`, { cause, retriable: true, hint: "see with 'millrace status' whether it runs" });
  }
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok) return answer;
  const { code, error, message, hint, retriable } = (answer ?? {}) as Refusal;
  throw new MillraceError(code ?? (response.status === 404 ? 'NOT_FOUND' : 'DOOR_FAILED'), error ?? message ?? `${method} ${url.href} answered ${response.status}`, { retriable: retriable ?? false, ...(hint === undefined ? {} : { hint }) });
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
