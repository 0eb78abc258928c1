import type { Evaluation } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import type { Signature } from '@millrace/scoring';
import type { FittedModel } from './fitted-model.ts';
import { modelCard } from './model-card.ts';
import { profileOf } from './profile.ts';

/** Content of evaluation.json. */
export interface EvaluationFile {
  readonly candidate: Evaluation;
  /** On the same holdout; null before the first champion. */
  readonly champion: (Evaluation & { readonly bundle: string }) | null;
  readonly holdout: { readonly rows: number; readonly from: number; readonly to: number; readonly share: number };
}

export interface BundleContent {
  readonly definition: ModelDefinition;
  readonly fitted: FittedModel;
  readonly dataset: { readonly hash: string; readonly rows: number; readonly from: number; readonly to: number };
  readonly golden: { readonly rows: Float32Array; readonly scores: Float32Array };
  /** Of the holdout. */
  readonly scores: Float32Array;
  readonly evaluation: EvaluationFile;
}

export function signatureFile({ features, featureSet }: ModelDefinition, rows: Float32Array, scores: ArrayLike<number>): Buffer {
  const width = features.length;
  const signature: Signature = {
    input: 'features', output: 'score', features: features.map(({ name }) => name), featureSet,
    golden: { rows: Array.from({ length: scores.length }, (_, n) => Array.from(rows.subarray(n * width, (n + 1) * width), (value) => (Number.isFinite(value) ? value : null))), scores: Array.from(scores) },
  };
  return json(signature);
}

/**
 * Files of a bundle: a function of data set, definition and champion alone. No time of day, position or duration is in them, so that
 * the same training gives the same digest.
 */
export function bundleFiles(content: BundleContent): Map<string, Uint8Array> {
  const { definition, fitted, golden, scores, evaluation } = content;
  return new Map<string, Uint8Array>([
    ['model.onnx', fitted.onnx],
    ['signature.json', signatureFile(definition, golden.rows, golden.scores)],
    ['evaluation.json', json(evaluation)],
    ['profile.json', json(profileOf(definition.features.map(({ name }) => name), fitted.training, scores))],
    ['card.md', Buffer.from(modelCard(content))],
  ]);
}

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
