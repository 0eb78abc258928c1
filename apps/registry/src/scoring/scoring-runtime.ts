import { Injectable } from '@nestjs/common';
import type { Bundles } from '@millrace/archive';
import type { MillraceError } from '@millrace/contracts';
import { GOLDEN_TOLERANCE, ScoringProcess, type Signature } from '@millrace/scoring';
import { Shared } from '@millrace/service';
import { Runtime, type GoldenAnswers } from '../domain/runtime.ts';

const deadlineMs = 10_000;

/** The runtime as inference uses it: a scoring process of its own. */
@Injectable()
export class ScoringRuntime extends Runtime {
  private readonly bundles: Bundles;

  constructor({ bundles }: Shared) {
    super();
    this.bundles = bundles;
  }

  async golden(digest: string): Promise<GoldenAnswers> {
    const bundle = await this.bundles.open(digest);
    // Its shape is checked when the process admits the bundle.
    const signature = (await bundle.json('signature.json')) as Partial<Signature> | null;
    const scoring = await ScoringProcess.start({ bundle: bundle.path, features: signature?.features?.length ?? 0, deadlineMs });
    try {
      const { rows, scores } = signature!.golden!;
      const values = Float32Array.from(rows.flat(), (value) => value ?? NaN);
      // They were answered once already: a process that is lost now may have been ended from outside.
      const answers = await scoring.score(values, rows.length).catch((error: MillraceError) => (error.code === 'SCORING_CRASHED' ? scoring.score(values, rows.length) : Promise.reject(error)));
      const largestDifference = scores.reduce((largest, score, row) => Math.max(largest, Math.abs(answers[row]! - score)), 0);
      return { provider: scoring.provider, rows: rows.length, largestDifference, tolerance: GOLDEN_TOLERANCE };
    } finally {
      await scoring.close();
    }
  }
}
