import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ScoringProcess, type ScoringOptions } from './scoring-process.ts';
import { logistic as logisticModel, logisticScore, slow } from './testing/index.ts';

const SLOW = slow();
const logistic = logisticScore;
const GOLDEN = { rows: [[0, 0, 0], [0, 1, 2], [0, -1, 0.5]], scores: [0.5, logistic([0, 1, 2]), logistic([0, -1, 0.5])] };
const SIGNATURE = { input: 'features', output: 'score', features: ['a', 'b', 'c'], featureSet: 'f00d', golden: GOLDEN };

async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A killed process that nobody has waited for yet counts as gone. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a scoring process', () => {
  let bundle: string;
  let scoring: ScoringProcess | undefined;

  beforeEach(async () => {
    bundle = await mkdtemp(join(tmpdir(), 'scoring-'));
    await writeFile(join(bundle, 'model.onnx'), logisticModel());
    await writeFile(join(bundle, 'signature.json'), JSON.stringify(SIGNATURE));
  });
  afterEach(async () => {
    await scoring?.close();
    scoring = undefined;
    await rm(bundle, { recursive: true, force: true });
  });

  const start = async (options: Partial<ScoringOptions> = {}): Promise<ScoringProcess> => {
    scoring = await ScoringProcess.start({ bundle, features: 3, deadlineMs: 5_000, ...options });
    return scoring;
  };
  const startHanging = async (options: Partial<ScoringOptions> = {}): Promise<ScoringProcess> => {
    await writeFile(join(bundle, 'model.onnx'), SLOW);
    return start({ deadlineMs: 500, ...options });
  };
  const FOREVER = Float32Array.of(3000, 0, 0);
  const AT_ONCE = Float32Array.of(0, 1, 2);

  it('scores batches of any size in order, also when asked at the same time', async () => {
    const scorer = await start();
    expect(scorer.provider).toBe('cpu');
    const batch = (n: number): Float32Array => Float32Array.from({ length: 3 * n }, (_, k) => ((k * 37) % 11) / 7 - 0.7);
    const answers = await Promise.all([1, 256, 0, 10_000].map((n) => scorer.score(batch(n), n)));
    expect(answers.map(({ length }) => length)).toEqual([1, 256, 0, 10_000]);
    for (const scores of answers) {
      const rows = batch(scores.length);
      scores.forEach((score, n) => {
        if (Math.abs(score - logistic([...rows.subarray(3 * n, 3 * n + 3)])) > 1e-6) throw new Error(`row ${n} scores ${score}`);
      });
    }
    expect(scorer.restarts).toBe(0);
  });

  it('answers NaN for the row whose score is not finite, and the right score for the others', async () => {
    const scores = await (await start()).score(Float32Array.of(0, 0, 0, NaN, 0, 0, 0, 1, 2), 3);
    expect(scores[0]).toBe(0.5);
    expect(scores[1]).toBeNaN();
    expect(scores[2]).toBeCloseTo(logistic([0, 1, 2]), 6);
  });

  it('kills a model that hangs, and answers the next call', async () => {
    const scorer = await startHanging();
    const pid = scorer.pid ?? 0;
    const [hung, next] = await Promise.allSettled([scorer.score(FOREVER, 1), scorer.score(AT_ONCE, 1)]);
    expect(hung).toMatchObject({ status: 'rejected', reason: { code: 'SCORING_TIMEOUT', retriable: true } });
    expect(next).toMatchObject({ status: 'fulfilled' });
    expect(runs(pid)).toBe(false);
    expect(scorer.restarts).toBe(1);
  });

  it('survives that the child is killed, under a call and between calls', async () => {
    const scorer = await startHanging({ deadlineMs: 10_000 });
    const hung = scorer.score(FOREVER, 1);
    process.kill(scorer.pid ?? 0, 'SIGKILL');
    await expect(hung).rejects.toMatchObject({ code: 'SCORING_CRASHED', retriable: true });
    await until(() => scorer.restarts === 1);
    process.kill(scorer.pid ?? 0, 'SIGSEGV');
    await until(() => scorer.restarts === 2);
    expect((await scorer.score(AT_ONCE, 1))[0]).toBeCloseTo(logistic([0, 1, 2]), 6);
  });

  it('ends a child that uses more memory than it may', async () => {
    // The check may come before or after the model is loaded.
    const end = await start({ memoryLimitMb: 48 }).then((scorer) => until(() => scorer.restarts > 0).then(() => 'ended later'), (error: Error) => error.message);
    expect(end).toMatch(/ended later|MB of memory/);
  });

  it('tells why no child comes up again, and recovers when one can', async () => {
    const scorer = await start();
    await rm(join(bundle, 'model.onnx'));
    process.kill(scorer.pid ?? 0, 'SIGKILL');
    await until(() => !runs(scorer.pid ?? 0));
    await expect(scorer.score(AT_ONCE, 1)).rejects.toMatchObject({ code: expect.stringMatching(/BUNDLE_NOT_ADMITTED|SCORING_CRASHED/) });
    await writeFile(join(bundle, 'model.onnx'), logisticModel());
    await until(() => scorer.restarts === 1);
    expect(await scorer.score(AT_ONCE, 1)).toHaveLength(1);
  });

  it('refuses calls of another shape, and all after it was closed', async () => {
    const scorer = await start();
    await expect(scorer.score(Float32Array.of(1, 2), 1)).rejects.toMatchObject({ code: 'SCORING_INVALID' });
    const pid = scorer.pid ?? 0;
    await scorer.close();
    expect(runs(pid)).toBe(false);
    await expect(scorer.score(AT_ONCE, 1)).rejects.toMatchObject({ code: 'SCORING_CLOSED' });
  });

  it('ends when it is closed while the next child is about to start, and leaves none', async () => {
    const scorer = await start();
    const { child } = scorer as unknown as { child: { gone: Promise<string> } };
    process.kill(scorer.pid ?? 0, 'SIGKILL');
    await child.gone;
    // Its bundle is being read now: that takes turns of the event loop.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    await scorer.close();
    expect(runs(scorer.pid ?? 0)).toBe(false);
    expect(scorer.restarts).toBe(0);
  });

  it.each([
    ['another golden score', { ...SIGNATURE, golden: { ...GOLDEN, scores: [0.5001, ...GOLDEN.scores.slice(1)] } }, 'GOLDEN_MISMATCH'],
    ['a golden row that scores NaN', { ...SIGNATURE, golden: { rows: [[0, null, 0]], scores: [0.5] } }, 'GOLDEN_MISMATCH'],
    ['no golden rows', { ...SIGNATURE, golden: { rows: [], scores: [] } }, 'BUNDLE_NOT_ADMITTED'],
    ['other features', { ...SIGNATURE, features: ['a', 'b'], golden: { rows: [[0, 0]], scores: [0.5] } }, 'BUNDLE_NOT_ADMITTED'],
    ['another output', { ...SIGNATURE, output: 'probabilities' }, 'BUNDLE_NOT_ADMITTED'],
    ['short golden rows', { ...SIGNATURE, golden: { rows: [[0, 0]], scores: [0.5] } }, 'BUNDLE_NOT_ADMITTED'],
  ])('does not start with a signature of %s', async (_, signature, code) => {
    await writeFile(join(bundle, 'signature.json'), JSON.stringify(signature));
    await expect(start()).rejects.toMatchObject({ code });
  });

  it('does not start with a model that is too large, empty, missing or none', async () => {
    await expect(start({ maxModelBytes: 100 })).rejects.toMatchObject({ code: 'BUNDLE_NOT_ADMITTED' });
    await writeFile(join(bundle, 'model.onnx'), 'not a model');
    await expect(start()).rejects.toMatchObject({ code: 'MODEL_REFUSED' });
    await truncate(join(bundle, 'model.onnx'), 0);
    await expect(start()).rejects.toMatchObject({ code: 'BUNDLE_NOT_ADMITTED' });
    await rm(join(bundle, 'model.onnx'));
    await expect(start()).rejects.toMatchObject({ code: 'BUNDLE_NOT_ADMITTED' });
  });

  it('says that a process without free descriptors cannot start one, and that process lives', async () => {
    const script = `
      import { closeSync, openSync } from 'node:fs';
      import { ScoringProcess } from ${JSON.stringify(new URL('./scoring-process.ts', import.meta.url).href)};
      const open = [];
      try { for (;;) open.push(openSync('/dev/null')); } catch { closeSync(open.pop()); }
      const error = await ScoringProcess.start({ bundle: ${JSON.stringify(bundle)}, features: 3, deadlineMs: 500 }).catch((error) => error);
      await new Promise((resolve) => setImmediate(resolve));
      for (const descriptor of open.splice(0)) closeSync(descriptor);
      const scorer = await ScoringProcess.start({ bundle: ${JSON.stringify(bundle)}, features: 3, deadlineMs: 500 });
      await scorer.close();
      console.log(error.code, error.retriable);`;
    const child = spawn('sh', ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, '--conditions=@millrace/source', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] },
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: 'SCORING_UNAVAILABLE true\n' });
  });

  it.each(['idle', 'hanging'])('leaves no %s child behind when its parent is killed', async (state) => {
    await writeFile(join(bundle, 'model.onnx'), SLOW);
    const script = `
      import { ScoringProcess } from ${JSON.stringify(new URL('./scoring-process.ts', import.meta.url).href)};
      const scorer = await ScoringProcess.start({ bundle: ${JSON.stringify(bundle)}, features: 3, deadlineMs: 3_600_000 });
      ${state === 'hanging' ? 'scorer.score(Float32Array.of(3000, 0, 0), 1).catch(() => undefined);' : ''}
      console.log(scorer.pid);`;
    const parent = spawn(process.execPath, ['--conditions=@millrace/source', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] },
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(runs(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !runs(pid), 5_000);
  });
});
