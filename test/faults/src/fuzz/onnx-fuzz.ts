import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { checkModel, ModelRefusal, ScoringProcess } from '@millrace/scoring';
import { chain, hostileModels, logistic, logisticScore, slow, tree } from '@millrace/scoring/testing';
import { Random } from '../random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';

const rows = [[0, 0, 0], [0, 1, 2], [-1, -1, 0.5]];
const signature = JSON.stringify({ input: 'features', output: 'score', features: ['a', 'b', 'c'], featureSet: 'fuzz', golden: { rows, scores: rows.map(logisticScore) } });
const withinMs = 10_000;

/**
 * ONNX files with mutated bytes, at lengths and tags as often as anywhere: refused by the check, or loaded and asked in a process of their own, which
 * may refuse, crash or hang, but must be gone within 10 s.
 *
 * @param loadEvery which of the files that pass the check are given to a process: each, or one in so many
 */
export function onnxFuzz({ loadEvery = 1 }: { loadEvery?: number } = {}): FuzzTarget {
  const small = hostileModels().filter(({ bytes, ends }) => bytes.length < 4000 && ends !== 'check');
  const seeds = [logistic(), chain(5), tree(), slow(), ...small.map(({ bytes }) => bytes)].map((bytes) => ({ bytes: Buffer.from(bytes), marks: marksOf(Buffer.from(bytes)) }));
  let passed = 0;
  return {
    codes: new Set(['MODEL_REFUSED', 'MODEL_LOAD_FAILED', 'GOLDEN_MISMATCH', 'SCORING_FAILED', 'SCORING_TIMEOUT', 'SCORING_CRASHED']),
    prepare(seed, run) {
      const random = new Random('onnx', seed, run);
      const sample = random.pick(seeds);
      const bytes = random.chance(0.3) ? mutate(sample.bytes, sample.marks, random) : overwrite(sample.bytes, random);
      let ms = 0;
      return {
        what: bytes.toString('base64').slice(0, 2000),
        execute: async () => {
          check(bytes);
          if (passed++ % loadEvery !== 0) return;
          const begun = performance.now();
          await load(bytes).finally(() => (ms = performance.now() - begun));
        },
        judge: () => (ms > withinMs ? `its process was there for ${ms.toFixed(0)} ms` : undefined),
      };
    },
  };
}

function check(bytes: Uint8Array): void {
  try {
    checkModel(bytes, 3);
  } catch (error) {
    throw error instanceof ModelRefusal ? new MillraceError('MODEL_REFUSED', error.message) : error;
  }
}

async function load(bytes: Uint8Array): Promise<void> {
  const bundle = await mkdtemp(join(tmpdir(), 'onnx-fuzz-'));
  try {
    await writeFile(join(bundle, 'model.onnx'), bytes);
    await writeFile(join(bundle, 'signature.json'), signature);
    const scoring = await ScoringProcess.start({ bundle, features: 3, deadlineMs: 1000, startDeadlineMs: 5000, providers: ['cpu'] });
    await scoring.close();
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

/** A copy of the same length, so that most of its structure stays: names, numbers and operators change. */
function overwrite(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = random.whole(1, 3); left > 0; left--) {
    const at = random.whole(0, bytes.length - 1);
    changed[at] = random.chance(0.5) ? changed[at]! ^ (1 << random.whole(0, 7)) : random.whole(0, 255);
  }
  return changed;
}

/** Places of tags and lengths in a file, also in what looks like messages inside. */
function marksOf(bytes: Buffer, from = 0, end = bytes.length): number[] {
  const marks: number[] = [];
  for (let at = from; at < end; ) {
    const wire = bytes[at]! & 7;
    marks.push(at++);
    if (wire === 2) {
      marks.push(at);
      let length = 0;
      let shift = 0;
      do length |= (bytes[at]! & 127) << (7 * shift++);
      while (bytes[at++]! >= 128 && at < end);
      if (at + length > end) return [];
      marks.push(...marksOf(bytes, at, at + length));
      at += length;
    } else if (wire === 0) while (at < end && bytes[at++]! >= 128);
    else if (wire === 5) at += 4;
    else return [];
  }
  return marks;
}
