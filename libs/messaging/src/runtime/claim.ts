/** Why a loop believes that what it holds is its own. It may be wrong: the lock is the writer, or the position in the store. */
export interface Claim {
  /** True when no other instance is meant to exist; then one that shows itself is an error of operation. */
  readonly sole: boolean;
  /** Whether this has been confirmed since `at` (`performance.now()`). A process that stood still for a while learns only so that it was replaced. */
  confirmedSince(at: number): boolean;
}

/** What nobody else claims. */
export const undisputed: Claim = { sole: false, confirmedSince: () => true };
