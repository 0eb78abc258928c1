import { describe, expect, it } from '@jest/globals';
import { MillraceError, VectorComputed, type Arm, type FeatureVector } from '@millrace/contracts';
import type { Read } from '@millrace/messaging';
import { armOf } from '@millrace/rollout';
import type { Route } from './route.ts';
import { Losses } from './losses.ts';
import { scoreBatch } from './score-batch.ts';
import type { Scorer } from './scorers.ts';

const arms: Arm[] = [{ role: 'CHAMPION', version: 1, bundle: 'one', weight: 60 }, { role: 'CANARY', version: 2, bundle: 'two', weight: 40 }];
const route: Route = { rolloutId: 'm@2', epoch: 7, arms, withdrawn: [] };

/** Score = first feature + `add`; takes features sets `fs-<width>` of `width` numbers. */
function adder(width: number, add: number): Scorer & { calls: number[] } {
  const calls: number[] = [];
  return {
    calls, features: width, featureSet: `fs-${width}`, provider: 'cpu', losses: new Losses(() => 0),
    score: async (rows, n) => {
      calls.push(n);
      return Float32Array.from({ length: n }, (_, i) => rows[i * width]! + add);
    },
  };
}
const both = (x: number): FeatureVector[] => [{ featureSet: 'fs-1', numeric: [x], categorical: [] }, { featureSet: 'fs-2', numeric: [x, 0], categorical: [] }];
function read(i: number, vectors: FeatureVector[] = both(i)): Read<VectorComputed> {
  const eventId = Buffer.alloc(16, i + 1);
  return { event: new VectorComputed({ model: 'm', eventId, entityKeys: [], eventTime: 1000 + i, acceptedAt: 2000 + i, position: 3000 + i, vectors }), topic: 'feature-vectors.m', partition: 0, position: i, time: 0, id: eventId, headers: {} };
}
async function answer(reads: Read<VectorComputed>[], scorers: Record<string, Scorer>, rowsPerCall = 1024) {
  const out = [];
  for await (const prediction of scoreBatch(reads, route, { scorerOf: (bundle) => scorers[bundle]!, rowsPerCall, elapsedMs: () => 4 })) out.push(prediction);
  return out;
}

describe('scoreBatch', () => {
  it('gives each vector the answer of its own arm, in input order', async () => {
    const reads = Array.from({ length: 50 }, (_, i) => read(i));
    const predictions = await answer(reads, { one: adder(1, 0.25), two: adder(2, 0.5) });
    expect(predictions.map(({ eventTime }) => eventTime)).toEqual(reads.map(({ event }) => event.eventTime));
    predictions.forEach((prediction, i) => {
      const arm = armOf(reads[i]!.event.eventId, 'm@2', arms);
      expect(prediction).toMatchObject({ role: arm.role, version: arm.version, bundle: arm.bundle, score: i + (arm.version === 1 ? 0.25 : 0.5), outcome: 'OK', failure: null, epoch: 7, rolloutId: 'm@2', position: 3000 + i, acceptedAt: 2000 + i, latencyMs: 4 });
    });
    expect(new Set(predictions.map(({ version }) => version))).toEqual(new Set([1, 2]));
  });

  it('asks in calls of bounded size', async () => {
    const one = adder(1, 0);
    const two = adder(2, 0);
    await answer(Array.from({ length: 50 }, (_, i) => read(i)), { one, two }, 8);
    expect(Math.max(...one.calls, ...two.calls)).toBe(8);
    expect([...one.calls, ...two.calls].reduce((sum, n) => sum + n)).toBe(50);
  });

  it.each([
    ['no vector of the feature set', [], 'feature set'],
    ['a vector of another length', [{ featureSet: 'fs-1', numeric: [1, 2, 3], categorical: [] }, { featureSet: 'fs-2', numeric: [1, 2, 3], categorical: [] }], '3 numbers'],
    ['a score that is not finite', both(NaN), 'not a finite number'],
  ])('is FAILED with the cause for %s, and answers the others', async (_, vectors, cause) => {
    const predictions = await answer([read(0), read(1, vectors), read(2)], { one: adder(1, 0), two: adder(2, 0) });
    expect(predictions.map(({ outcome }) => outcome)).toEqual(['OK', 'FAILED', 'OK']);
    expect(predictions[1]).toMatchObject({ score: null, failure: expect.stringContaining(cause), epoch: 7 });
  });

  it.each(['SCORING_TIMEOUT', 'SCORING_CRASHED', 'SCORING_FAILED'])('fails the vectors of a call that ended with %s, not those of the other arm', async (code) => {
    const broken: Scorer = { ...adder(2, 0), score: () => Promise.reject(new MillraceError(code, 'gone', { retriable: true })) };
    const reads = Array.from({ length: 40 }, (_, i) => read(i));
    for (const prediction of await answer(reads, { one: adder(1, 0), two: broken })) {
      if (prediction.version === 1) expect(prediction).toMatchObject({ outcome: 'OK' });
      else expect(prediction).toMatchObject({ outcome: 'FAILED', score: null, failure: `gone (${code})` });
    }
  });

  it('leaves the vectors to whoever comes next when the process ends', async () => {
    const closing: Scorer = { ...adder(1, 0), score: () => Promise.reject(new MillraceError('SCORING_CLOSED', 'closed')) };
    await expect(answer([read(0), read(1), read(2), read(3)], { one: closing, two: { ...closing, featureSet: 'fs-2', features: 2 } })).rejects.toMatchObject({ code: 'SCORING_CLOSED', retriable: true });
  });
});
