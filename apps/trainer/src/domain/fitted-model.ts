import { MillraceError } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { applyEncoding, fitEncoding, fitLogistic, scoreLogistic, splitNewest, writeLogisticOnnx } from '@millrace/learning';
import { rowsOf, type Table } from './table.ts';

export interface Samples extends Table {
  /** 16 bytes per row. */
  readonly eventIds: Uint8Array;
  /** Ms since epoch. */
  readonly eventTimes: Float64Array;
}

export interface FittedModel {
  /** What it was fitted on. */
  readonly training: Table;
  /** The newest rows, which it has not seen. */
  readonly holdout: Table;
  /** Row numbers of the holdout in the samples. */
  readonly holdoutRows: Uint32Array;
  /** Event time of the first row of the holdout. */
  readonly holdoutFrom: number;
  readonly onnx: Uint8Array;
  readonly iterations: number;
  /** The learner's own scores in float64; its ONNX file must answer the same. */
  score(features: Float32Array, rows: number): Float64Array;
}

/**
 * Fits the declared learner on all but the newest rows. Equal samples and definition give equal bytes.
 *
 * @throws MillraceError TRAINING_TOO_SMALL, FEATURES_DIFFER, and what the learner refuses
 */
export function fitModel(samples: Samples, { name, features, learner, training }: ModelDefinition): FittedModel {
  if (samples.rows < training.minimumLabels)
    throw new MillraceError('TRAINING_TOO_SMALL', `${samples.rows} labelled rows of ${name} are in the window, ${training.minimumLabels} are the declared minimum`, { hint: 'wait for more labels, or lower minimumLabels or raise the window in the definition' });
  if (samples.width !== features.length) throw new MillraceError('FEATURES_DIFFER', `vectors have ${samples.width} features, the definition of ${name} has ${features.length}`);
  const split = splitNewest(samples.eventTimes, idsOf(samples), training.holdout);
  const [seen, holdout] = [rowsOf(samples, split.training), rowsOf(samples, split.holdout)];
  const names = features.map((feature) => feature.name);
  const encoding = fitEncoding(seen.features, seen.rows, names, learner.encode);
  const model = fitLogistic(applyEncoding(encoding, seen.features, seen.rows), seen.labels, { C: learner.C });
  return {
    training: seen, holdout, holdoutRows: split.holdout, holdoutFrom: samples.eventTimes[split.holdout[0]!]!,
    onnx: writeLogisticOnnx(encoding, model, names), iterations: model.iterations,
    score: (rows, count) => scoreLogistic(encoding, model, rows, count),
  };
}

/** Event ids as hex. */
export function idsOf({ eventIds, rows }: Pick<Samples, 'eventIds' | 'rows'>): string[] {
  const bytes = Buffer.from(eventIds.buffer, eventIds.byteOffset, eventIds.byteLength);
  return Array.from({ length: rows }, (_, row) => bytes.toString('hex', 16 * row, 16 * row + 16));
}
