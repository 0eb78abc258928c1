import { MillraceError } from '@millrace/contracts';

const longestText = 2000;

/** @throws MillraceError INVALID_REQUEST when the body is no JSON object */
export function objectIn(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw invalid('the body is no JSON object', "send 'content-type: application/json' and an object");
}

/** @throws MillraceError INVALID_REQUEST when the field is missing or no text of at most 2,000 characters */
export function textIn(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field];
  if (typeof value === 'string' && value.trim() !== '' && value.length <= longestText) return value.trim();
  throw invalid(`'${field}' must be a text of 1 to ${longestText} characters`);
}

/** Whole number above 0, or null where there is none. @throws MillraceError INVALID_REQUEST */
export function versionIn(body: Readonly<Record<string, unknown>>): number | null {
  const value = body['version'] ?? null;
  if (value === null || (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31)) return value as number | null;
  throw invalid(`'version' must be a whole number from 1 on`);
}

/** Whole number from 0 on in a query. @throws MillraceError INVALID_REQUEST */
export function wholeIn(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid(`'${name}' must be a whole number from 0 on`);
}

export function invalid(sentence: string, hint?: string): MillraceError {
  return new MillraceError('INVALID_REQUEST', sentence, hint === undefined ? {} : { hint });
}
