import { MillraceError } from '@millrace/contracts';
import { ScoringProcess } from '@millrace/scoring';
import type { Table } from '../domain/table.ts';

const chunkRows = 16_384;
const deadlineMs = 60_000;

/**
 * Scores rows as serving does: the ONNX file in a process of its own. On the CPU, since the scores go into a bundle, and devices
 * differ in the last bit.
 *
 * @throws MillraceError SCORE_MISSING when the model gives no number for a row, and what the process refuses
 */
export async function bundleScores(folder: string, { width, features, rows }: Pick<Table, 'width' | 'features' | 'rows'>, signal: AbortSignal): Promise<Float32Array> {
  const scoring = await ScoringProcess.start({ bundle: folder, features: width, deadlineMs, providers: ['cpu'] });
  try {
    const scores = new Float32Array(rows);
    for (let from = 0; from < rows; from += chunkRows) {
      signal.throwIfAborted();
      const to = Math.min(rows, from + chunkRows);
      scores.set(await scoring.score(features.slice(from * width, to * width), to - from), from);
    }
    const missing = scores.findIndex(Number.isNaN);
    if (missing >= 0) throw new MillraceError('SCORE_MISSING', `the model of ${folder} gives no number for row ${missing} of the holdout`);
    return scores;
  } finally {
    await scoring.close();
  }
}
