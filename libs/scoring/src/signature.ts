import { MillraceError } from '@millrace/contracts';

/** Largest absolute difference between a golden score and the answer. */
export const GOLDEN_TOLERANCE = 1e-5;

/** Content of a bundle's signature.json: what the model takes and gives, and answers to check it by. */
export interface Signature {
  /** Name of the input, float32 [N, features]. */
  readonly input: 'features';
  /** Name of the output, float32 [N]: probability of the label 1. */
  readonly output: 'score';
  /** Names of the features in order. */
  readonly features: readonly string[];
  /** Hash of the feature set. */
  readonly featureSet: string;
  /** Rows and the scores that they must get; null = NaN, a missing value. */
  readonly golden: { readonly rows: readonly (readonly (number | null)[])[]; readonly scores: readonly number[] };
}

/** Checks the shape of a parsed signature.json. Throws MillraceError BUNDLE_NOT_ADMITTED with the first thing that is wrong. */
export function signatureOf(parsed: unknown): Signature {
  if (!isRecord(parsed)) throw refused('it is no object');
  if (parsed['input'] !== 'features' || parsed['output'] !== 'score') throw refused("its input must be 'features' and its output 'score'");
  const { features, featureSet, golden } = parsed;
  if (!isTexts(features) || features.length === 0) throw refused('it names no features');
  if (new Set(features).size !== features.length) throw refused('it names a feature twice');
  if (typeof featureSet !== 'string' || featureSet === '') throw refused('it names no feature set');
  if (!isRecord(golden) || !Array.isArray(golden['rows']) || !Array.isArray(golden['scores'])) throw refused('it has no golden answers');
  const { rows, scores } = golden as { rows: unknown[]; scores: unknown[] };
  if (rows.length === 0 || rows.length !== scores.length) throw refused(`it has ${rows.length} golden rows and ${scores.length} scores`);
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === features.length && row.every((value) => value === null || typeof value === 'number');
  if (!rows.every(isRow)) throw refused(`a golden row is not ${features.length} numbers or nulls`);
  if (!scores.every((score) => Number.isFinite(score))) throw refused('a golden score is no number');
  return parsed as unknown as Signature;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

function refused(why: string): MillraceError {
  return new MillraceError('BUNDLE_NOT_ADMITTED', `signature.json cannot be used: ${why}`);
}
