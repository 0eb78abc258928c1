import { MillraceError } from '@millrace/contracts';

/** Compressed data that breaks its format. */
export function corruptData(what: string, cause?: unknown): MillraceError {
  return new MillraceError('RECORD_BATCH_CORRUPT', `compressed records cannot be inflated: ${what}`, cause === undefined ? {} : { cause });
}

/** Compressed data that grows beyond the limit for its size. */
export function tooLarge(most: number): MillraceError {
  return new MillraceError('COMPRESSED_BATCH_TOO_LARGE', `compressed records grow beyond ${most} bytes`, { hint: 'let the producer send smaller batches' });
}
