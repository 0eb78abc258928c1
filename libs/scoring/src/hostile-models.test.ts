import { copyFile, link, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ScoringProcess } from './scoring-process.ts';
import { hostileModels, logistic, logisticScore } from './testing/index.ts';

const withinMs = 10_000;
const rows = [[0, 0, 0], [0, 1, 2], [-1, -1, 0.5]];
const golden = { rows, scores: rows.map(logisticScore) };
const signature = { input: 'features', output: 'score', features: ['a', 'b', 'c'], featureSet: 'f00d', golden };
/** Codes by the step that ends a model. */
const steps: Readonly<Record<string, string>> = { MODEL_REFUSED: 'check', MODEL_LOAD_FAILED: 'load', SCORING_FAILED: 'answer', SCORING_TIMEOUT: 'answer', SCORING_CRASHED: 'answer', GOLDEN_MISMATCH: 'answer' };

let folder: string;
let serving: ScoringProcess;

async function bundleOf(name: string, model: Uint8Array): Promise<string> {
  const bundle = await mkdtemp(join(folder, `${name}-`));
  await writeFile(join(bundle, 'signature.json'), JSON.stringify(signature));
  await writeFile(join(bundle, 'model.onnx'), model);
  return bundle;
}
const startOf = (bundle: string): Promise<ScoringProcess> => ScoringProcess.start({ bundle, features: 3, deadlineMs: 1000, startDeadlineMs: 5000, memoryLimitMb: 512, providers: ['cpu'] });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  serving = await startOf(await bundleOf('good', logistic()));
});
afterAll(async () => {
  await serving.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a hostile model', () => {
  it('ends in its own process in time, and the model beside it goes on answering', async () => {
    const table: string[] = [];
    const wrong: string[] = [];
    for (const { name, bytes, ends } of hostileModels()) {
      const bundle = await bundleOf('hostile', bytes);
      const begun = performance.now();
      const [step, said] = await startOf(bundle).then(
        async (scoring) => {
          await scoring.close();
          return ['harmless', 'gives its golden answers'] as const;
        },
        ({ code, message }: { code: string; message: string }) => [steps[code] ?? code, `${message} (${code})`] as const,
      );
      const ms = Math.round(performance.now() - begun);
      table.push(`${name.padEnd(48)} ${step.padEnd(8)} ${String(ms).padStart(5)} ms  ${said.slice(0, 110)}`);
      if ((step !== ends && !(ends === 'harmless' || (ends === 'answer' && step === 'load'))) || ms > withinMs) wrong.push(table.at(-1)!);
      const [score] = await serving.score(Float32Array.from(rows[1]!), 1);
      if (Math.abs(score! - golden.scores[1]!) > 1e-6) wrong.push(`after ${name} the good model answers ${score}`);
      await rm(bundle, { recursive: true });
    }
    process.stdout.write(`${table.length} hostile models:\n${table.join('\n')}\n`);
    expect(wrong).toEqual([]);
    expect(table.length).toBeGreaterThanOrEqual(40);
    expect(serving.restarts).toBe(0);
  }, 300_000);

  it.each([
    ['a symbolic link', (good: string, path: string) => symlink(good, path)],
    ['a hard link', (good: string, path: string) => link(good, path)],
    ['a link to a device', (_: string, path: string) => symlink('/dev/zero', path)],
  ])('is not opened when it is %s', async (_, place) => {
    const bundle = await bundleOf('linked', logistic());
    const elsewhere = join(folder, 'elsewhere.onnx');
    await copyFile(join(bundle, 'model.onnx'), elsewhere);
    await rm(join(bundle, 'model.onnx'));
    await place(elsewhere, join(bundle, 'model.onnx'));
    await expect(startOf(bundle)).rejects.toMatchObject({ code: 'BUNDLE_NOT_ADMITTED' });
    await rm(elsewhere);
  });

  it('that takes the place of an admitted one is never loaded', async () => {
    const bundle = await bundleOf('replaced', logistic());
    const scoring = await startOf(bundle);
    await writeFile(join(bundle, 'other'), logistic({ irVersion: 7 }));
    await rename(join(bundle, 'other'), join(bundle, 'model.onnx'));
    process.kill(scoring.pid!, 'SIGKILL');
    await expect(scoring.score(Float32Array.of(0, 0, 0), 1).then(() => scoring.score(Float32Array.of(0, 0, 0), 1))).rejects.toMatchObject({ code: expect.stringMatching(/BUNDLE_NOT_ADMITTED|SCORING_CRASHED/) });
    await expect(scoring.score(Float32Array.of(0, 0, 0), 1)).rejects.toMatchObject({ code: 'BUNDLE_NOT_ADMITTED' });
    expect(scoring.restarts).toBe(0);
    await scoring.close();
  });
});
