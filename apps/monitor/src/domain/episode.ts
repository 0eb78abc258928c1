import { createHash } from 'node:crypto';

/**
 * Key of an episode, 32 hex digits: the same cause gives the same key, so that it leads to one training.
 *
 * @param cause start of the first violated window, or what else asked for the training
 */
export function episodeOf(model: string, championBundle: string | null, cause: string | number): string {
  return createHash('sha256').update([model, championBundle ?? '', cause].join('\0')).digest('hex').slice(0, 32);
}
