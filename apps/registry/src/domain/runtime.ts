/** How a bundle answered its golden rows in the serving runtime. */
export interface GoldenAnswers {
  /** Where it computed: cpu, cuda … */
  readonly provider: string;
  readonly rows: number;
  /** Largest absolute difference between a golden score and the answer. */
  readonly largestDifference: number;
  /** Difference up to which an answer counts as equal. */
  readonly tolerance: number;
}

/** The runtime that inference serves with. */
export abstract class Runtime {
  /**
   * Loads a bundle and asks its golden rows.
   * @throws MillraceError when it cannot be loaded or answers otherwise; BUNDLE_MISSING (retriable) while it is not there, SCORING_UNAVAILABLE (retriable);
   *   SCORING_ENDED when somebody else has ended its process
   */
  abstract golden(bundle: string): Promise<GoldenAnswers>;
}
