import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore } from '@millrace/archive';
import { fitEncoding, scoreLogistic, writeLogisticOnnx } from '@millrace/learning';
import type { Shared } from '@millrace/service';
import { answersInRuntime } from '../domain/gates/answers-in-runtime.ts';
import type { Candidate, Gate } from '../domain/gates/gate.ts';
import { ScoringRuntime } from './scoring-runtime.ts';

const encoding = { names: ['x'], numeric: [{ index: 0, mean: 0, deviation: 1, indicator: false }], cyclic: [], oneHot: [], columns: ['x'] };
const logistic = { coefficients: Float64Array.of(2), intercept: -1 };
const rows = [[0.5], [null], [-3]];
const scores = [...scoreLogistic(encoding, logistic, Float32Array.of(0.5, NaN, -3), 3)];
const model = writeLogisticOnnx(encoding, logistic, encoding.names);
const figures = { auc: 0.7, logLoss: 0.4, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };

describe('answers-in-runtime', () => {
  let root: string;
  let store: BundleStore;
  let gate: Gate;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-gate-'));
    store = new BundleStore(root);
    gate = answersInRuntime(new ScoringRuntime({ bundles: store } as Shared));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const candidate = (bundle: string): Candidate => ({ bundle, candidate: figures, champion: null, championVersion: null, holdoutRows: 10 });
  const bundleOf = (golden: number[], onnx: Uint8Array = model): Promise<string> =>
    store.put(new Map([['model.onnx', onnx], ['signature.json', Buffer.from(JSON.stringify({ input: 'features', output: 'score', features: ['x'], featureSet: 'f', golden: { rows, scores: golden } }))]]));

  it('passes a bundle that gives its golden answers, with the largest difference', async () => {
    const verdict = await gate.judge(candidate(await bundleOf(scores)));
    expect(verdict).toMatchObject({ passed: true, limit: 1e-5, sentence: expect.stringContaining('3 golden rows answered on cpu differ by at most') });
    expect(verdict.value).toBeLessThan(1e-6);
  });

  it('passes a model of every encoding that training has', async () => {
    const names = ['hour', 'share', 'day'];
    const values = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 1 && i % 2 === 0 ? NaN : i % 7));
    const all = fitEncoding(values, 100, names, { hour: { kind: 'cyclic', period: 24, harmonics: 2 }, day: { kind: 'one-hot', size: 7 } });
    const trained = { coefficients: Float64Array.from(all.columns, (_, i) => (i % 5) / 3 - 0.5), intercept: -1 };
    const golden = { rows: [[5, null, 3], [0, 0.5, 6]], scores: [...scoreLogistic(all, trained, Float32Array.of(5, NaN, 3, 0, 0.5, 6), 2)] };
    const digest = await store.put(new Map([['model.onnx', writeLogisticOnnx(all, trained, names)], ['signature.json', Buffer.from(JSON.stringify({ input: 'features', output: 'score', features: names, featureSet: 'f', golden }))]]));
    expect(await gate.judge(candidate(digest))).toMatchObject({ passed: true });
  });

  it('refuses one that answers otherwise, and says where', async () => {
    expect(await gate.judge(candidate(await bundleOf([scores[0]!, 0.9, scores[2]!])))).toMatchObject({ passed: false, sentence: expect.stringMatching(/golden row 1 scores .* 0\.9 is right \(GOLDEN_MISMATCH\)/) });
  });

  it('refuses one that cannot be loaded', async () => {
    expect(await gate.judge(candidate(await bundleOf(scores, Buffer.from('no model'))))).toMatchObject({ passed: false, sentence: expect.stringContaining('MODEL_REFUSED') });
  });

  it('gives no verdict on one that is not there yet', async () => {
    await expect(gate.judge(candidate('0'.repeat(64)))).rejects.toMatchObject({ code: 'BUNDLE_MISSING', retriable: true });
  });

  it('gives no verdict while this machine has no room for the runtime', async () => {
    const { execPath } = process;
    process.execPath = '/nowhere/node';
    try {
      await expect(gate.judge(candidate(await bundleOf(scores)))).rejects.toMatchObject({ code: 'SCORING_UNAVAILABLE', retriable: true });
    } finally {
      process.execPath = execPath;
    }
  });
});
