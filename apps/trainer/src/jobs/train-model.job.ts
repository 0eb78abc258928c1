import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ArchiveReader, type Dataset, type DatasetQuery, type SlotEnd } from '@millrace/archive';
import { MillraceError, ModelTrained, type Evaluation } from '@millrace/contracts';
import { evaluate } from '@millrace/learning';
import { Runs, type JobRun } from '@millrace/messaging';
import { GOLDEN_TOLERANCE, type Signature } from '@millrace/scoring';
import { Shared } from '@millrace/service';
import { bundleFiles, signatureFile } from '../domain/bundle-files.ts';
import { fitModel, idsOf, type FittedModel } from '../domain/fitted-model.ts';
import { goldenRows } from '../domain/golden-rows.ts';
import { StreamEnd } from '../domain/stream-end.ts';
import { rowsOf, type Table } from '../domain/table.ts';
import { TrainModel, type TrainModelInput } from '../domain/train-model.ts';
import { bundleScores } from '../scoring/bundle-scores.ts';

/** How often the archive is asked whether the labels are there. */
const askEveryMs = 500;

/** From archive to bundle. The bundle is a function of archive, definition and champion: a job that runs again makes the same. */
@Runs(TrainModel)
export class TrainModelJob {
  private readonly shared: Shared;
  private readonly streamEnd: StreamEnd;

  constructor(shared: Shared, streamEnd: StreamEnd) {
    this.shared = shared;
    this.streamEnd = streamEnd;
  }

  async run(input: TrainModelInput, run: JobRun): Promise<ModelTrained> {
    const { training, request, definition } = input;
    const archive = new ArchiveReader(this.shared.options.artifacts, { spillFolder: join(run.scratch, 'spill') });
    try {
      const end = await this.waitForLabels(archive, input, run);
      const started = performance.now();
      run.progress(0.2, 'reading the data set');
      const query = { ...this.topicsOf(request.model), featureSet: definition.featureSet, windowMs: definition.training.windowMs, end };
      const dataset = await archive.dataset(query);
      run.progress(0.4, `fitting ${dataset.rows} rows`);
      const fitted = fitModel(dataset, definition);
      run.progress(0.7, `judging on ${fitted.holdout.rows} rows`);
      const { golden, scores } = await this.answers(fitted, input, run);
      const candidate = evaluate(fitted.holdout.labels, scores);
      const champion = request.championBundle === null ? null : await this.champion(request.championBundle, archive, query, dataset, fitted, run.signal);
      const [from, to] = [dataset.eventTimes[0]!, dataset.eventTimes[dataset.rows - 1]!];
      const files = bundleFiles({
        definition, fitted, dataset: { hash: dataset.hash, rows: dataset.rows, from, to }, golden, scores,
        evaluation: {
          candidate, champion: champion && { ...champion, bundle: request.championBundle! },
          holdout: { rows: fitted.holdout.rows, from: fitted.holdoutFrom, to, share: definition.training.holdout },
        },
      });
      run.progress(0.95, 'keeping the bundle');
      return new ModelTrained({
        model: request.model, training, bundle: await this.shared.bundles.put(files), modelHash: createHash('sha256').update(fitted.onnx).digest('hex'),
        dataset: { hash: dataset.hash, rows: dataset.rows, holdoutRows: fitted.holdout.rows, from, to, end },
        featureSet: definition.featureSet, definitionHash: request.definitionHash, candidate, champion, championVersion: request.championVersion,
        seconds: (performance.now() - started) / 1000,
      });
    } finally {
      await archive.close();
    }
  }

  /** Waits as long as it takes: labels come with the events. */
  private async waitForLabels(archive: ArchiveReader, { request: { model, since, newLabels } }: TrainModelInput, { signal, progress }: JobRun): Promise<SlotEnd[]> {
    const { lanes, slots } = this.shared.workspace;
    const topics = this.topicsOf(model);
    for (;;) {
      const end = await archive.endOfLabels({ ...topics, since, newLabels, slots: lanes * slots, lanes, settled: this.streamEnd.settled });
      if (end) return end;
      const known = await archive.labelCount({ ...topics, since });
      progress(0, `waiting for ${Math.max(0, newLabels - known)} of ${newLabels} labels`, true);
      await pause(askEveryMs, undefined, { signal });
    }
  }

  /** Scores of the ONNX file for golden rows and holdout. @throws MillraceError GOLDEN_MISMATCH, MODEL_DIFFERS: it is not what was fitted */
  private async answers({ onnx, holdout, score }: FittedModel, { definition }: TrainModelInput, { scratch, signal }: JobRun): Promise<{ golden: { rows: Float32Array; scores: Float32Array }; scores: Float32Array }> {
    const { width } = holdout;
    const golden = goldenRows(holdout);
    const goldenCount = golden.length / width;
    const folder = join(scratch, 'candidate');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'model.onnx'), onnx);
    await writeFile(join(folder, 'signature.json'), signatureFile(definition, golden, score(golden, goldenCount)));
    const features = new Float32Array(golden.length + holdout.features.length);
    features.set(golden);
    features.set(holdout.features, golden.length);
    const all = await bundleScores(folder, { width, features, rows: goldenCount + holdout.rows }, signal);
    const scores = all.subarray(goldenCount);
    const fitted = score(holdout.features, holdout.rows);
    const differing = scores.findIndex((value, row) => Math.abs(value - fitted[row]!) > GOLDEN_TOLERANCE);
    if (differing >= 0) throw new MillraceError('MODEL_DIFFERS', `row ${differing} of the holdout scores ${scores[differing]} by the ONNX file and ${fitted[differing]} by the learner`);
    return { golden: { rows: golden, scores: all.subarray(0, goldenCount) }, scores };
  }

  /** Figures of the champion on the rows of the holdout, read in the champion's own features. */
  private async champion(digest: string, archive: ArchiveReader, query: DatasetQuery, dataset: Dataset, fitted: FittedModel, signal: AbortSignal): Promise<Evaluation> {
    const bundle = await this.shared.bundles.open(digest);
    const { featureSet } = (await bundle.json('signature.json')) as Signature;
    const holdout = featureSet === query.featureSet ? fitted.holdout : sameRows(await archive.dataset({ ...query, featureSet }), dataset, fitted.holdoutRows);
    return evaluate(holdout.labels, await bundleScores(bundle.path, holdout, signal));
  }

  private topicsOf(model: string): { vectorsTopic: string; labelsTopic: string } {
    const { workspace } = this.shared;
    return { vectorsTopic: workspace.topic('feature-vectors.<model>', { model }), labelsTopic: workspace.topic('labels.<model>', { model }) };
  }
}

/** Rows of the same events in another feature set. @throws MillraceError CHAMPION_NOT_COMPARABLE when one is missing */
function sameRows(other: Dataset, dataset: Dataset, rows: Uint32Array): Table {
  const places = new Map(idsOf(other).map((id, row) => [id, row]));
  const ids = idsOf(dataset);
  return rowsOf(
    other,
    rows.map((row) => {
      const place = places.get(ids[row]!);
      if (place === undefined) throw new MillraceError('CHAMPION_NOT_COMPARABLE', `event ${ids[row]} has no vector in the feature set of the champion`, { hint: 'train again when both feature sets were served for as long as the holdout is' });
      return place;
    }),
  );
}
