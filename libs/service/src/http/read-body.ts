import type { Readable } from 'node:stream';
import { MillraceError } from '@millrace/contracts';
import { bodyLimit } from './door-limits.ts';

const firstBytes = 4096;

/**
 * The body of a request, in one piece of memory that is at most twice as large as what has come. A list of its chunks would take several
 * hundred times as much as a body that comes in chunks of a byte.
 *
 * @param length its bytes; undefined if it does not say
 * @throws MillraceError BODY_TOO_LARGE; else an Error with `statusCode` 400 when the client goes before its end
 */
export function readBody(payload: Readable, length: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.allocUnsafe(length ?? firstBytes);
    let count = 0;
    const take = (chunk: Buffer): void => {
      const needed = count + chunk.length;
      if (needed > bodyLimit) return end(() => reject(new MillraceError('BODY_TOO_LARGE', 'the body is larger than 1 MiB', { hint: 'send less in one request' })));
      if (needed > bytes.length) {
        const grown = Buffer.allocUnsafe(Math.min(bodyLimit, Math.max(needed, 2 * bytes.length)));
        bytes.copy(grown, 0, 0, count);
        bytes = grown;
      }
      chunk.copy(bytes, count);
      count = needed;
    };
    const complete = (): void => end(() => resolve(bytes.subarray(0, count)));
    const failed = (error: Error): void => end(() => reject(Object.assign(error, { statusCode: 400 })));
    // What comes after the end is thrown away.
    const end = (settle: () => void): void => {
      payload.off('data', take).off('end', complete).off('error', failed);
      payload.resume();
      settle();
    };
    payload.on('data', take).on('end', complete).on('error', failed);
  });
}
