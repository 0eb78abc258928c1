import type { OwnEvent } from '../avro/own-events.ts';

/** A decision that nothing followed: its name, and what is missing. */
export type Open = readonly [of: string, sentence: string];

/** Name of a decision: its stem and what it is about; the same for one that was written twice. */
export function decisionOf({ stem, fields }: OwnEvent): string {
  if (stem.startsWith('rollout-')) return `${stem} ${fields.rolloutId}`;
  if (stem.startsWith('model-version-')) return `${stem} ${fields.model}@${fields.version}`;
  return `${stem} ${fields.training ?? fields.episode}`;
}
