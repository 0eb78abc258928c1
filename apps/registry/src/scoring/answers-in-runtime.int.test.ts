import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BundleStore } from '@millrace/archive';
import { scoreLogistic, writeLogisticOnnx } from '@millrace/learning';
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

  it('refuses one that answers otherwise, and says where', async () => {
    expect(await gate.judge(candidate(await bundleOf([scores[0]!, 0.9, scores[2]!])))).toMatchObject({ passed: false, sentence: expect.stringMatching(/golden row 1 scores .* 0\.9 is right \(GOLDEN_MISMATCH\)/) });
  });

  it('refuses one that cannot be loaded', async () => {
    expect(await gate.judge(candidate(await bundleOf(scores, Buffer.from('no model'))))).toMatchObject({ passed: false, sentence: expect.stringContaining('MODEL_LOAD_FAILED') });
  });

  it('gives no verdict on one that is not there yet', async () => {
    await expect(gate.judge(candidate('0'.repeat(64)))).rejects.toMatchObject({ code: 'BUNDLE_MISSING', retriable: true });
  });
});
