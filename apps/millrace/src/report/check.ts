import type { Evidence, StoryOptions } from './evidence.ts';

/** One line of a report. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly value: unknown;
  readonly limit: unknown;
  /** What was found, where a figure alone does not say it. */
  readonly detail?: string;
}

export interface CheckRule {
  readonly name: string;
  /** Why the check says nothing about a run; undefined when it applies. */
  leftOut(story: StoryOptions): string | undefined;
  judge(evidence: Evidence): Omit<Check, 'name'>;
}

/** For checks that hold of any run. */
export const always = (): undefined => undefined;
