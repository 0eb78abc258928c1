import type { Evaluation, Verdict } from '@millrace/contracts';

/** What a gate judges. */
export interface Candidate {
  /** Digest of the bundle. */
  readonly bundle: string;
  /** The candidate on the holdout. */
  readonly candidate: Evaluation;
  /** The champion on the same holdout; null before the first. */
  readonly champion: Evaluation | null;
  readonly championVersion: number | null;
  readonly holdoutRows: number;
}

/** One condition that a version must meet. It explains its verdict in one sentence with the figures. */
export interface Gate {
  readonly name: string;
  /** @throws MillraceError, retriable, when it cannot be judged at the moment */
  judge(input: Candidate): Verdict | Promise<Verdict>;
}
