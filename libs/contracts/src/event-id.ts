import { createHash } from 'node:crypto';

/** The id field of a posted event: integers as decimals, instants as ISO 8601 with milliseconds, text as it is. */
export type IdValue = number | bigint | Date | string;

/**
 * Identity of an event, 16 bytes: the first half of SHA-256(stream ‖ 0x00 ‖ id as text).
 * It is the key of every record about the event and the id of its prediction.
 *
 * @example eventIdOf('departures', 4711).toString('hex') // 'd45a8cb3…', the same on every machine
 */
export function eventIdOf(stream: string, id: IdValue): Buffer {
  const text = id instanceof Date ? id.toISOString() : String(id);
  return createHash('sha256').update(stream).update('\0').update(text).digest().subarray(0, 16);
}
