import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ScoringProcess } from './scoring-process.ts';
import { logistic } from './testing/index.ts';

/** A child that answers 0.5 for each row, until a row begins with 13. */
const childThat = (misbehaves: string): string[] => ['-e', `
  const socket = new (require('node:net').Socket)({ fd: 3 });
  const send = (kind, id, body) => socket.write(Buffer.concat([Buffer.from(Uint32Array.of(kind, id, body.length).buffer), body]));
  let bytes = Buffer.alloc(0);
  socket.on('close', () => process.exit());
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 12 && bytes.length >= 12 + bytes.readUInt32LE(8)) {
      const [kind, id, length] = [0, 4, 8].map((at) => bytes.readUInt32LE(at));
      const body = bytes.subarray(12, 12 + length);
      bytes = bytes.subarray(12 + length);
      const scores = Buffer.from(Float32Array.from({ length: length / 12 }, () => 0.5).buffer);
      if (kind === 5) send(1, 0, Buffer.from('cpu'));
      else if (body.readFloatLE(0) !== 13) send(3, id, scores);
      else { ${misbehaves} }
    }
  });
`];

describe('a child that', () => {
  let bundle: string;
  let scoring: ScoringProcess | undefined;

  beforeEach(async () => {
    bundle = await mkdtemp(join(tmpdir(), 'misbehaving-'));
    await writeFile(join(bundle, 'model.onnx'), logistic());
    await writeFile(join(bundle, 'signature.json'), JSON.stringify({ input: 'features', output: 'score', features: ['a', 'b', 'c'], featureSet: 'f', golden: { rows: [[0, 0, 0]], scores: [0.5] } }));
  });
  afterEach(async () => {
    await scoring?.close();
    scoring = undefined;
    await rm(bundle, { recursive: true, force: true });
  });
  const start = async (program: string[]): Promise<ScoringProcess> => (scoring = await ScoringProcess.start({ bundle, features: 3, deadlineMs: 400, startDeadlineMs: 5000, program }));

  it.each([
    ['sends garbage', 'socket.write(require("node:crypto").randomBytes(64).fill(0xee, 0, 12))', 'SCORING_CRASHED'],
    ['announces 4 GB', 'socket.write(Buffer.from(Uint32Array.of(3, id, 0xffffffff).buffer))', 'SCORING_CRASHED'],
    ['answers too few scores', 'send(3, id, scores.subarray(4))', 'SCORING_CRASHED'],
    ['answers too many scores', 'send(3, id, Buffer.concat([scores, scores]))', 'SCORING_CRASHED'],
    ['answers half a number', 'send(3, id, scores.subarray(1))', 'SCORING_CRASHED'],
    ['answers another call', 'send(3, id + 7, scores)', 'SCORING_CRASHED'],
    ['speaks of unknown things', 'send(9, id, scores)', 'SCORING_CRASHED'],
    ['fails without words', 'send(4, id, Buffer.from("{"))', 'SCORING_FAILED'],
    ['fails by a code of its own', `send(4, id, Buffer.from('{"code":"SCORING_CLOSED","message":"x"}'))`, 'SCORING_FAILED'],
    ['exits', 'process.exit(3)', 'SCORING_CRASHED'],
    ['kills itself', 'process.kill(process.pid, "SIGKILL")', 'SCORING_CRASHED'],
    ['closes its side', 'socket.destroy()', 'SCORING_CRASHED'],
    ['says nothing', '', 'SCORING_TIMEOUT'],
    ['answers half and stops', 'socket.write(Buffer.from(Uint32Array.of(3, id, scores.length).buffer))', 'SCORING_TIMEOUT'],
    ['answers after its deadline', 'setTimeout(() => send(3, id, scores), 450)', 'SCORING_TIMEOUT'],
    ['computes for ever', 'for (;;);', 'SCORING_TIMEOUT'],
  ])('%s is replaced, and its next call answered', async (_, misbehaves, code) => {
    const scorer = await start(childThat(misbehaves));
    const [lost, next] = await Promise.allSettled([scorer.score(Float32Array.of(13, 0, 0, 1, 1, 1), 2), scorer.score(Float32Array.of(0, 0, 0), 1)]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { code } });
    expect(next).toMatchObject({ status: 'fulfilled', value: { 0: 0.5 } });
    expect(scorer.restarts).toBe(code === 'SCORING_FAILED' ? 0 : 1);
  });

  it('answers NaN and infinity gives NaN for these rows', async () => {
    const scorer = await start(childThat('send(3, id, Buffer.from(Float32Array.of(NaN, Infinity, 0.25).buffer))'));
    expect([...(await scorer.score(Float32Array.of(13, 0, 0, 1, 1, 1, 2, 2, 2), 3))]).toEqual([NaN, NaN, 0.25]);
  });

  it.each([
    ['names a provider that nobody asked for', ['-e', "const s = new (require('node:net').Socket)({ fd: 3 }); s.write(Buffer.from(Uint32Array.of(1, 0, 4).buffer)); s.write('evil'); s.resume()"]],
    ['ends at once', ['-e', 'process.exit(1)']],
    ['does not exist', ['/nowhere/at/all.js']],
  ])('%s is no model', async (_, program) => {
    await expect(start(program)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED', retriable: false });
  });

  it('is ended from outside while it starts says nothing about its model, and may be tried again', async () => {
    await expect(start(['-e', 'process.kill(process.pid, "SIGKILL")'])).rejects.toMatchObject({ code: 'SCORING_ENDED', retriable: true });
    await expect(start(childThat('').map((code) => code.replace('else if (body.readFloatLE(0) !== 13)', 'else if (!process.kill(process.pid, "SIGKILL"))')))).rejects.toMatchObject({ code: 'SCORING_ENDED', retriable: true });
    await expect(start(['-e', 'process.abort()'])).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED', retriable: false });
  });

  it('cannot be started by this machine says so, and may be tried again', async () => {
    const { execPath } = process;
    process.execPath = '/nowhere/node';
    try {
      await expect(start(childThat(''))).rejects.toMatchObject({ code: 'SCORING_UNAVAILABLE', retriable: true });
    } finally {
      process.execPath = execPath;
    }
  });

  it('answers each call in time answers also those that wait long behind others', async () => {
    scoring = await ScoringProcess.start({ bundle, features: 3, deadlineMs: 1000, replacementMs: 1, program: childThat('setTimeout(() => send(3, id, scores), 200)') });
    const answers = await Promise.all(Array.from({ length: 8 }, () => scoring!.score(Float32Array.of(13, 0, 0), 1)));
    expect(answers.map((scores) => [...scores])).toEqual(Array(8).fill([0.5]));
    expect(scoring.restarts).toBe(0);
  });

  it('cannot be replaced in time says so to all that wait for it', async () => {
    const [flag, ...code] = childThat('process.exit(3)');
    const once = `const { existsSync, writeFileSync } = require('node:fs'); const mark = ${JSON.stringify(join(bundle, 'started'))}; if (existsSync(mark)) for (;;); writeFileSync(mark, '');`;
    scoring = await ScoringProcess.start({ bundle, features: 3, deadlineMs: 1000, replacementMs: 300, startDeadlineMs: 60_000, program: [flag!, once + code.join('')] });
    const ends = await Promise.allSettled([13, 0, 0, 0].map((first) => scoring!.score(Float32Array.of(first, 0, 0), 1)));
    expect(ends.map((end) => (end as PromiseRejectedResult).reason?.code)).toEqual(['SCORING_CRASHED', ...Array<string>(3).fill('SCORING_UNAVAILABLE')]);
  });

  it('says nothing while it starts is ended in time', async () => {
    const begun = performance.now();
    await expect(ScoringProcess.start({ bundle, features: 3, deadlineMs: 400, startDeadlineMs: 600, program: ['-e', 'for (;;);'] })).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
