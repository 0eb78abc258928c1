import { dayText } from '../terminal/figures.ts';
import type { StoryOptions } from './evidence.ts';

const dayMs = 86_400_000;

/** First day of the story: with other days before it features and models are other ones. */
export const firstDay = Date.UTC(2001, 0, 1);
/** Version 2 has taken over on 9 January. */
export const promotedOn = Date.UTC(2001, 0, 10);
/** The days on which both versions are judged, and the first behind them. */
export const judgedFrom = Date.UTC(2001, 0, 8);
export const judgedTo = Date.UTC(2001, 0, 15);
/** What comes later was not replayed with the reference learner. */
export const lastDay = Date.UTC(2001, 0, 21);

/** Why a check of the story says nothing about a run; undefined when it applies. @param needed last day that must have been posted */
export function outsideOfStory({ from, to, hold, paced }: StoryOptions, needed: number, upTo = lastDay): string | undefined {
  if (from !== firstDay) return `the story begins on ${dayText(firstDay)}, this run on ${dayText(from)}`;
  if (to < needed) return `it needs the flights up to ${dayText(needed)}, this run ends with ${dayText(to)}`;
  if (to > upTo) return `it is known up to ${dayText(upTo)} only, this run ends with ${dayText(to)}`;
  if (!hold) return 'without --hold training takes days of event time, and the story is another one';
  if (!paced) return 'at full speed whole days pass between two canary steps, and the story is another one';
  return undefined;
}

/** Midnights of the judged days. */
export const judgedDays = Array.from({ length: (judgedTo - judgedFrom) / dayMs }, (_, day) => judgedFrom + day * dayMs);
