import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore, DuckDatabase, SegmentWriter, labelColumns, vectorColumns, type ArchivedLabel, type ArchivedVector, type SegmentColumns } from '@millrace/archive';
import type { ModelTrained } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { Workspace, type JobRun } from '@millrace/messaging';
import { ScoringProcess } from '@millrace/scoring';
import type { Shared } from '@millrace/service';
import type { EvaluationFile } from '../domain/bundle-files.ts';
import { StreamEnd } from '../domain/stream-end.ts';
import type { TrainModelInput } from '../domain/train-model.ts';
import { TrainModelJob } from './train-model.job.ts';

const hour = 3_600_000;
const idOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest().subarray(0, 16);
/** Deterministic numbers in [0, 1). */
const noise = (n: number, of: string): number => createHash('sha256').update(`${of}/${n}`).digest().readUInt32LE(0) / 2 ** 32;

const definition: ModelDefinition = {
  name: 'm', predicts: 'asks', features: [{ name: 'hour', feature: 'asks.hour' }, { name: 'load', feature: 'view.load' }, { name: 'weekday', feature: 'asks.weekday' }], featureSet: 'a'.repeat(64),
  label: { from: 'answers', judges: 'ask', value: 'late', horizonMs: 12 * hour, absent: 'unknown' },
  learner: { kind: 'logistic-regression', C: 1, encode: { hour: { kind: 'cyclic', period: 24, harmonics: 1 }, weekday: { kind: 'one-hot', size: 3 } } },
  training: { windowMs: 28 * 24 * hour, holdout: 0.2, minimumLabels: 500, seed: 7 },
  gates: [], rollout: { steps: [100], minimum: 1, maximumWaitMs: 1 }, retrain: { when: [], newLabels: 1, cooldownMs: 0 },
};
const event = (n: number): { hour: number; load: number; weekday: number; late: number } => {
  const [clock, load, weekday] = [24 * noise(n, 'hour'), n % 17 === 0 ? NaN : 10 * noise(n, 'load'), n % 3];
  const chance = 1 / (1 + Math.exp(-(Math.sin((2 * Math.PI * clock) / 24) + 0.4 * ((Number.isNaN(load) ? 5 : load) - 5) + weekday - 1)));
  return { hour: clock, load, weekday, late: noise(n, 'late') < chance ? 1 : 0 };
};
// Two vectors per event: the features of the definition, and those of an older one.
const vector = (n: number): ArchivedVector => {
  const { hour: clock, load, weekday } = event(n);
  return { eventId: idOf(n), entityKeys: [], eventTime: n * 60_000, acceptedAt: 0, position: 2 * n, vectors: [{ featureSet: definition.featureSet, numeric: [clock, load, weekday], categorical: [] }, { featureSet: 'older', numeric: [load], categorical: [] }] };
};
const label = (n: number): ArchivedLabel => ({ eventId: idOf(n), value: event(n).late, labelTime: n * 60_000 + hour, position: 2 * n + 121, laneTime: n * 60_000 + hour });

describe('the training job', () => {
  let root: string;
  let database: DuckDatabase;
  let writers: Map<string, SegmentWriter<never>>;
  let input: TrainModelInput;
  let first: ModelTrained;
  const said: [number, string, boolean][] = [];

  class Moving extends StreamEnd {
    readonly settled = (): boolean => false;
  }
  const bundles = (): BundleStore => new BundleStore(root);
  const job = (): TrainModelJob => new TrainModelJob({ options: { artifacts: root }, workspace: new Workspace({ prefix: 'w', lanes: 1, slots: 2 }), bundles: bundles(), now: Date.now } as unknown as Shared, new Moving());
  async function run(changed: Partial<TrainModelInput> = {}, progress: JobRun['progress'] = () => undefined): Promise<ModelTrained> {
    const scratch = await mkdtemp(join(root, 'job-'));
    return job().run({ ...input, ...changed }, { signal: new AbortController().signal, scratch, progress });
  }

  /** Appends what two slots write of the events in [from, to). */
  async function archive(from: number, to: number): Promise<void> {
    for (const slot of [0, 1]) {
      const own = Array.from({ length: to - from }, (_, n) => from + n).filter((n) => n % 2 === slot);
      await append('w.feature-vectors.m', slot, vectorColumns, own.map(vector));
      await append('w.labels.m', slot, labelColumns, own.map(label));
    }
  }
  async function append<Value>(topic: string, partition: number, columns: SegmentColumns<Value>, values: Value[]): Promise<void> {
    const key = `${topic}/${partition}`;
    const writer = (writers.get(key) as SegmentWriter<Value> | undefined) ?? (await SegmentWriter.open(root, { topic, partition, columns, sealAgeMs: 0, now: () => 0, database }));
    writers.set(key, writer as never);
    const at = writer.nextOffset();
    await writer.append(at, values.map((value, n) => ({ offset: at + n, value })), at + values.length);
    await writer.seal();
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'trainer-'));
    database = await DuckDatabase.open();
    writers = new Map();
    input = { training: 'e1', definition, request: { model: 'm', episode: 'e1', trigger: 'labels', evidence: [], since: -62_135_596_800_000, newLabels: 1000, championVersion: null, championBundle: null, definitionHash: 'd1' } };
    await archive(0, 400);
    // The job comes before its labels; they are written while it waits.
    let coming: Promise<void> | undefined;
    first = await run({}, (share, text, waiting = false) => {
      said.push([share, text, waiting]);
      if (waiting) coming ??= archive(400, 1300);
    });
    await coming;
  }, 60_000);
  afterAll(async () => {
    for (const writer of writers.values()) await writer.close();
    await database.close();
    await rm(root, { recursive: true, force: true });
  });

  it('waits for its labels and says so', () => {
    expect(said[0]).toEqual([0, 'waiting for 600 of 1000 labels', true]);
    expect(said.at(-1)![2]).toBe(false);
  });

  it('ends with what it made', () => {
    expect(first).toMatchObject({
      model: 'm', training: 'e1', featureSet: definition.featureSet, definitionHash: 'd1', champion: null, championVersion: null,
      dataset: { rows: 1000, holdoutRows: 200, from: 0, to: 999 * 60_000, end: [{ slot: 0, position: 2117 }, { slot: 1, position: 2119 }] },
    });
    const rate = Array.from({ length: 200 }, (_, n) => event(800 + n).late).reduce((sum, late) => sum + late, 0) / 200;
    expect(first.candidate.rate).toBeCloseTo(rate, 12);
    expect(first.candidate.auc).toBeGreaterThan(0.75);
    expect(first.candidate.logLoss).toBeLessThan(0.6);
  });

  it('makes the same bundle of a longer archive', async () => {
    await archive(1300, 1400);
    const again = await run();
    expect([again.bundle, again.modelHash, again.dataset]).toEqual([first.bundle, first.modelHash, first.dataset]);
  });

  it('writes a bundle that a runtime can serve and a person can read', async () => {
    const bundle = await bundles().open(first.bundle);
    expect(bundle.names).toEqual(['card.md', 'evaluation.json', 'model.onnx', 'profile.json', 'signature.json']);
    const scoring = await ScoringProcess.start({ bundle: bundle.path, features: 3, deadlineMs: 10_000 });
    try {
      const [late, early] = await scoring.score(Float32Array.of(6, 9, 2, 18, 1, 0), 2);
      expect(late).toBeGreaterThan(0.9);
      expect(early).toBeLessThan(0.1);
    } finally {
      await scoring.close();
    }
    const { golden } = (await bundle.json('signature.json')) as { golden: { rows: (number | null)[][] } };
    expect(golden.rows).toHaveLength(21);
    expect(golden.rows.at(-1)).toEqual([null, null, null]);
    const evaluation = (await bundle.json('evaluation.json')) as EvaluationFile;
    expect(evaluation).toEqual({ candidate: first.candidate, champion: null, holdout: { rows: 200, from: 800 * 60_000, to: 999 * 60_000, share: 0.2 } });
    expect(await bundle.json('profile.json')).toMatchObject({ rows: 800, features: [{ name: 'hour', missing: 0 }, { name: 'load', missing: 48 / 800 }, { name: 'weekday' }] });
    const card = Buffer.from(await bundle.read('card.md')).toString();
    expect(card).toContain('Trained on the oldest 800; judged on the newest 200, from 1970-01-01T13:20:00Z on');
    expect(card).toContain(`| this model | ${first.candidate.auc.toFixed(4)} |`);
  });

  it('compares with the champion on the same rows', async () => {
    const request = { ...input.request, episode: 'e2', newLabels: 1200, championVersion: 1, championBundle: first.bundle };
    const second = await run({ training: 'e2', request });
    expect(second).toMatchObject({ championVersion: 1, dataset: { rows: 1200, holdoutRows: 240 } });
    expect(second.champion!.rate).toBe(second.candidate.rate);
    expect(second.champion!.auc).not.toBe(second.candidate.auc);
    expect((await (await bundles().open(second.bundle)).json('evaluation.json')) as EvaluationFile).toMatchObject({ champion: { ...second.champion, bundle: first.bundle } });
    // A champion of other features is given its own vectors of the same events.
    const older = { ...definition, features: [definition.features[1]!], featureSet: 'older', learner: { ...definition.learner, encode: {} } };
    const champion = await run({ definition: older });
    const third = await run({ training: 'e3', request: { ...request, championBundle: champion.bundle } });
    expect(third.candidate).toEqual(second.candidate);
    expect(third.champion!.rate).toBe(third.candidate.rate);
    expect(third.champion!.auc).toBeLessThan(third.candidate.auc);
  });

  it.each([
    ['too few rows', { definition: { ...definition, training: { ...definition.training, minimumLabels: 1001 } } }, 'TRAINING_TOO_SMALL'],
    ['a feature set without vectors', { definition: { ...definition, featureSet: 'b'.repeat(64) } }, 'DATASET_EMPTY'],
    ['vectors of another width', { definition: { ...definition, features: definition.features.slice(1) } }, 'FEATURES_DIFFER'],
  ])('refuses %s', async (_, changed, code) => {
    await expect(run(changed)).rejects.toMatchObject({ code, retriable: false });
  });

  it('ends when it is no longer wanted', async () => {
    const controller = new AbortController();
    const scratch = await mkdtemp(join(root, 'job-'));
    const waiting = job().run({ ...input, request: { ...input.request, newLabels: 1_000_000 } }, { signal: controller.signal, scratch, progress: () => controller.abort() });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
