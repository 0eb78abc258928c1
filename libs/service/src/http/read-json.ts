import { isUtf8 } from 'node:buffer';
import { MillraceError } from '@millrace/contracts';
import { depthLimit } from './door-limits.ts';

const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}') as unknown as [number, number, number, number, number, number];
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The value of a JSON text that a stranger has sent. Of two members with the same name the last one counts, as RFC 8259 leaves open.
 *
 * @param bytes UTF-8, with or without a byte order mark
 * @throws MillraceError INVALID_JSON: no UTF-8, no JSON, deeper than 20, or with a member `__proto__`, `constructor` or `prototype`
 */
export function readJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw invalid('the body is not UTF-8', 'send JSON in UTF-8');
  // Before parsing: what recurses over a value later shall find nothing that exhausts its stack.
  if (isDeeperThan(bytes, depthLimit)) throw invalid(`the body has more than ${depthLimit} levels of arrays and objects`, 'send flat objects');
  let mayBeForbidden = false;
  const text = bytes.toString('utf8');
  // Escapes can spell these names as well; only a text with one of the two is worth a second look at each member.
  if (text.includes('\\u') || text.includes('proto') || text.includes('constructor')) mayBeForbidden = true;
  let value: unknown;
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw invalid('the body is no JSON', 'send a JSON object');
  }
  if (mayBeForbidden) refuseForbidden(value);
  return value;
}

function isDeeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === backslash) at++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openArray || byte === openObject) {
      if (++depth > limit) return true;
    } else if (byte === closeArray || byte === closeObject) depth--;
  }
  return false;
}

/** Its depth is bounded, so it may recurse. */
function refuseForbidden(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) return value.forEach(refuseForbidden);
  for (const name of Object.keys(value)) {
    if (forbidden.has(name)) throw invalid(`a member of an object must not be called '${name}'`, 'call it something else');
    refuseForbidden((value as Record<string, unknown>)[name]);
  }
}

function invalid(sentence: string, hint: string): MillraceError {
  return new MillraceError('INVALID_JSON', sentence, { hint });
}
