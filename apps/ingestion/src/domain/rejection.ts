import { createHash } from 'node:crypto';
import { EventRejected, type EventPosted } from '@millrace/contracts';

/** Most bytes of key, value and headers that one record of `events-rejected` keeps: the writer's limit of 900,000 less the other fields. */
export const keptBytes = 800_000;
/** Of which this many at most go to the key and to the headers, so that a flood of either leaves room for the value. */
const keptKeyBytes = 100_000;
const keptHeaderBytes = 200_000;
/** Counts as bytes of each header: what its lengths take. */
const headerOverhead = 8;
const longestReason = 2000;

/**
 * The outcome of a posted record that is not accepted: with its bytes, or with their beginning, length and SHA-256 where they do not
 * fit into one record.
 *
 * @example rejection(posted, 'NOT_AVRO', 'the record does not begin with a zero byte') // cuts: [] for all but the largest records
 */
export function rejection({ stream, source, acceptedAt, key, value, headers, poison }: EventPosted, code: string, reason: string): EventRejected {
  const fields = { stream, source, offsets: poison?.offsets ?? 1, code, reason: reason.slice(0, longestReason), acceptedAt };
  const headerBytes = bytesOf(headers);
  const all = (key?.length ?? 0) + (value?.length ?? 0) + headerBytes;
  if (all <= keptBytes) return new EventRejected({ ...fields, key, value, headers: { ...headers }, cuts: [] });
  const cuts: EventRejected['cuts'][number][] = [];
  const keep = (part: string, bytes: Buffer | null, most: number): Buffer | null => {
    if (bytes === null || bytes.length <= most) return bytes;
    cuts.push({ part, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest() });
    return bytes.subarray(0, most);
  };
  const keepsHeaders = headerBytes <= keptHeaderBytes;
  if (!keepsHeaders) cuts.push(cutHeaders(headers));
  const keptKey = keep('key', key, keptKeyBytes);
  const keptValue = keep('value', value, keptBytes - (keptKey?.length ?? 0) - (keepsHeaders ? headerBytes : 0));
  return new EventRejected({ ...fields, key: keptKey, value: keptValue, headers: keepsHeaders ? { ...headers } : {}, cuts });
}

function bytesOf(headers: EventPosted['headers']): number {
  let bytes = 0;
  for (const name in headers) bytes += headerOverhead + Buffer.byteLength(name) + headers[name]!.length;
  return bytes;
}

function cutHeaders(headers: EventPosted['headers']): EventRejected['cuts'][number] {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    hash.update(name).update('\0').update(value).update('\0');
    bytes += Buffer.byteLength(name) + value.length;
  }
  return { part: 'headers', bytes, sha256: hash.digest() };
}
