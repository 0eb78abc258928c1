import { Injectable } from '@nestjs/common';
import type { Bundles } from '@millrace/archive';
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
      const answers = await scoring.score(Float32Array.from(rows.flat(), (value) => value ?? NaN), rows.length);
      const largestDifference = scores.reduce((largest, score, row) => Math.max(largest, Math.abs(answers[row]! - score)), 0);
      return { provider: scoring.provider, rows: rows.length, largestDifference, tolerance: GOLDEN_TOLERANCE };
    } finally {
      await scoring.close();
    }
  }
}
