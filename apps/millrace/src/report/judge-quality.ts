import { ArchiveReader, BundleStore, type DayRows } from '@millrace/archive';
import { ScoringProcess } from '@millrace/scoring';
import { areaUnderCurve, logLoss } from '@millrace/statistics';
import type { DayQuality } from './evidence.ts';

export interface QualityQuery {
  /** Folder of archive and bundles. */
  readonly artifacts: string;
  readonly vectorsTopic: string;
  readonly labelsTopic: string;
  readonly featureSet: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Digest of the bundle by version. */
  readonly bundles: ReadonlyMap<number, string>;
}

const rowsPerCall = 4_096;
const deadlineMs = 10_000;

/** Scores the archived, labelled vectors of some days with each version's bundle, whoever answered at the time. */
export async function judgeQuality(query: QualityQuery): Promise<Map<number, DayQuality[]>> {
  const { artifacts, bundles } = query;
  const store = new BundleStore(artifacts);
  const archive = new ArchiveReader(artifacts, { memoryLimitMb: 128 });
  const quality = new Map<number, DayQuality[]>([...bundles.keys()].map((version) => [version, []]));
  const scorers = new Map<number, ScoringProcess>();
  try {
    for await (const day of archive.rowsBetween(query)) {
      for (const [version, digest] of bundles) {
        let scorer = scorers.get(version);
        if (!scorer) scorers.set(version, (scorer = await ScoringProcess.start({ bundle: (await store.open(digest)).path, features: day.width, deadlineMs, providers: ['cpu'] })));
        quality.get(version)!.push(await qualityOf(day, scorer));
      }
    }
  } finally {
    await Promise.all([...scorers.values()].map((scorer) => scorer.close()));
    await archive.close();
  }
  return quality;
}

async function qualityOf({ dayMs, rows, width, features, labels }: DayRows, scorer: ScoringProcess): Promise<DayQuality> {
  const scores = new Float32Array(rows);
  for (let from = 0; from < rows; from += rowsPerCall) {
    const count = Math.min(rowsPerCall, rows - from);
    scores.set(await scorer.score(features.slice(from * width, (from + count) * width), count), from);
  }
  return { dayMs, rows, auc: areaUnderCurve(labels, scores), logLoss: logLoss(labels, scores) };
}
