import type { Losses } from './losses.ts';

/** A loaded model. */
export interface Scorer {
  /** Hash of the feature set that it takes. */
  readonly featureSet: string;
  /** Features per row. */
  readonly features: number;
  /** Where it computes: cpu, cuda … */
  readonly provider: string;
  /** How often it lost its process lately. */
  readonly losses: Losses;
  /**
   * Scores rows.
   * @param rows row-major, n · features, NaN = missing
   * @returns a score per row; NaN where the model's answer is no finite number
   * @throws MillraceError when there is no answer in time; SCORING_CLOSED when the process ends
   */
  score(rows: Float32Array, n: number): Promise<Float32Array>;
}

/** How far the loading of a bundle has come. `failed` is said after some patience; loading goes on as long as somebody needs it. */
export type Loading =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly scorer: Scorer }
  | { readonly state: 'failed'; readonly code: string; readonly reason: string };

/** Models by the digest of their bundle, shared by all slots of this process. */
export abstract class Scorers {
  /** Says which bundles a holder needs from now on: missing ones are loaded, those that nobody needs are let go after a while. */
  abstract keep(holder: object, digests: readonly string[]): void;
  abstract loading(digest: string): Loading;
  /** Why a loaded model is left alone, or on trial; undefined for one that answers. */
  abstract failing(digest: string): { readonly code: string; readonly reason: string } | undefined;
  /** Waits until all of them are loaded. False when they are not within the limit. */
  abstract ready(digests: readonly string[], limitMs: number): Promise<boolean>;
}
