import { createHash } from 'node:crypto';

/**
 * Id of the n-th rollout or rollback of a model: 16 hexadecimal digits. A function of what is known when it begins, so that the
 * same decision made again gives the same id.
 *
 * @example rolloutIdOf('flight-delay', 2, 2)
 */
export function rolloutIdOf(model: string, version: number, n: number): string {
  return createHash('sha256').update(`${model}@${version}#${n}`).digest('hex').slice(0, 16);
}
