import type { Evaluation } from '@millrace/contracts';

/** Figures at the release of a model, as its bundle holds them. A port: type and injection token in one. */
export abstract class Evaluations {
  /**
   * Figures of the bundle's model on its holdout. A bundle never changes, so the answer is a function of its digest.
   *
   * @throws MillraceError BUNDLE_MISSING (retriable) or BUNDLE_CORRUPT
   */
  abstract of(digest: string): Evaluation;
}
