/**
 * Decoders under hostile input: `npm run fuzz -- --target avro|definition|onnx|record-batch --runs 1000000 --seed 7 --report FILE`, and one input again:
 * `npm run fuzz -- --target avro --replay 7:13`. The inputs run in a child with a small heap, so that one that exhausts it is found; one that
 * never returns is killed after 30 s.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { oneOfOption, runOption, wholeOption } from '@millrace/testing';
import { avroFuzz } from './avro-fuzz.ts';
import { definitionFuzz } from './definition-fuzz.ts';
import { fuzzChild } from './fuzz-child.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { onnxFuzz } from './onnx-fuzz.ts';
import { recordBatchFuzz } from './record-batch-fuzz.ts';
import { watchedChild, type ChildOutcome } from './watched-child.ts';

const targets: Readonly<Record<string, () => FuzzTarget>> = { 'avro': avroFuzz, 'definition': definitionFuzz, 'onnx': () => onnxFuzz(), 'record-batch': recordBatchFuzz };
const heapMb = 128;
const mostEnds = 20;

if (process.send) await fuzzChild(targets);
else await main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: 'string', default: 'avro' }, runs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, report: { type: 'string' }, replay: { type: 'string' } } });
  const target = oneOfOption('target', values.target, Object.keys(targets));
  const { seed, run: replayed } = values.replay === undefined ? { seed: wholeOption('seed', values.seed), run: undefined } : runOption('replay', values.replay);
  const runs = wholeOption('runs', values.runs, 1);
  // The child is ended at `exit`.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const started = performance.now();
  const from = replayed ?? 0;
  const to = replayed === undefined ? runs : replayed + 1;
  const outcomes: ChildOutcome[] = [];
  let tried = 0;
  for (let next = from; next < to && outcomes.length <= mostEnds; ) {
    const onProgress = (run: number): void => void process.stderr.write(`\r${run - from} of ${to - from} `);
    const outcome = await watchedChild({ program: import.meta.filename, part: { target, seed, from: next, to }, heapMb, ...(process.stderr.isTTY && { onProgress }) });
    outcomes.push(outcome);
    tried += outcome.report?.runs ?? outcome.reached + 1 - next;
    if (outcome.report) break;
    next = outcome.reached + 1;
  }
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  const reports = outcomes.flatMap(({ report }) => report ?? []);
  const refused: Record<string, number> = {};
  for (const report of reports) for (const [code, count] of Object.entries(report.refused)) refused[code] = (refused[code] ?? 0) + count;
  const figures = {
    target, seed, runs: tried, accepted: reports.reduce((sum, { accepted }) => sum + accepted, 0), refused,
    slowestMs: Math.max(0, ...reports.map(({ slowestMs }) => slowestMs)), peakMb: Math.max(0, ...reports.map(({ peakBytes }) => peakBytes)) / 1e6, heldMb: Math.max(0, ...reports.map(({ heldBytes }) => heldBytes)) / 1e6, heapMb, seconds: (performance.now() - started) / 1000, findings,
  };
  const checks = [{ name: 'findings', ok: findings.length === 0, value: findings.length, limit: 0 }];
  if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks, figures }, null, 2)}\n`);
  for (const { run, problem, what } of findings) console.log(`${seed}:${run} ${problem}\n  ${what}\n  again: npm run fuzz -- --target ${target} --replay ${seed}:${run}`);
  console.log(`${target}: ${figures.runs} inputs in ${figures.seconds.toFixed(0)} s, ${figures.accepted} accepted, ${JSON.stringify(refused)}; slowest ${figures.slowestMs.toFixed(1)} ms, memory at its peak +${figures.peakMb.toFixed(0)} MB, held at the end +${figures.heldMb.toFixed(0)} MB; ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
