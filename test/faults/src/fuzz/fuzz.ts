/**
 * Decoders under hostile input: `npm run fuzz -- --target avro|definition|onnx|record-batch --runs 1000000 --seed 7 --report FILE`, and one input again:
 * `npm run fuzz -- --target avro --replay 7:13`. The inputs run in a child with a small heap, so that one that exhausts it is found.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { avroFuzz } from './avro-fuzz.ts';
import { definitionFuzz } from './definition-fuzz.ts';
import { fuzz, type Finding, type FuzzReport, type FuzzTarget } from './fuzz-target.ts';
import { onnxFuzz } from './onnx-fuzz.ts';
import { recordBatchFuzz } from './record-batch-fuzz.ts';

const targets: Readonly<Record<string, () => FuzzTarget>> = { 'avro': avroFuzz, 'definition': definitionFuzz, 'onnx': () => onnxFuzz(), 'record-batch': recordBatchFuzz };
const heapMb = 128;

interface Part {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

if (process.send) await child();
else await main();

async function child(): Promise<void> {
  const [part] = (await once(process, 'message')) as [Part];
  const report = await fuzz(targets[part.target]!(), part.seed, part.from, part.to, (next) => process.send!({ next }));
  process.send!({ report }, () => process.disconnect());
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: 'string', default: 'avro' }, runs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, report: { type: 'string' }, replay: { type: 'string' } } });
  const { target } = values;
  const [seed, replayed] = (values.replay ?? values.seed).split(':').map(Number) as [number, number | undefined];
  const runs = Number(values.runs);
  if (!targets[target] || !Number.isSafeInteger(seed) || !(Number.isSafeInteger(runs) && runs > 0) || (values.replay !== undefined && !Number.isSafeInteger(replayed))) {
    console.error(`error: --target is one of ${Object.keys(targets).join(', ')}; --runs and --seed are whole numbers; --replay is seed:run`);
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const from = replayed ?? 0;
  const reports: FuzzReport[] = [];
  const crashes: Finding[] = [];
  for (let next = from, to = replayed === undefined ? runs : replayed + 1; next < to; ) {
    const { report, reached, crash } = await inChild({ target, seed, from: next, to });
    if (report) reports.push(report);
    if (crash === undefined) break;
    if (crashes.length > 20) break;
    crashes.push({ run: reached, problem: `the process ended with ${crash} within the thousand runs from here`, what: '' });
    next = reached + 1000;
  }
  const findings = [...crashes, ...reports.flatMap((report) => report.findings)];
  const refused: Record<string, number> = {};
  for (const report of reports) for (const [code, count] of Object.entries(report.refused)) refused[code] = (refused[code] ?? 0) + count;
  const figures = {
    target, seed, runs: reports.reduce((sum, report) => sum + report.runs, 0), accepted: reports.reduce((sum, { accepted }) => sum + accepted, 0), refused,
    slowestMs: Math.max(0, ...reports.map(({ slowestMs }) => slowestMs)), peakMb: Math.max(0, ...reports.map(({ peakBytes }) => peakBytes)) / 1e6, heldMb: Math.max(0, ...reports.map(({ heldBytes }) => heldBytes)) / 1e6, heapMb, seconds: (performance.now() - started) / 1000, findings,
  };
  const checks = [{ name: 'findings', ok: findings.length === 0, value: findings.length, limit: 0 }];
  if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks, figures }, null, 2)}\n`);
  for (const { run, problem, what } of findings) console.log(`${seed}:${run} ${problem}\n  ${what}`);
  console.log(`${target}: ${figures.runs} inputs in ${figures.seconds.toFixed(0)} s, ${figures.accepted} accepted, ${JSON.stringify(refused)}; slowest ${figures.slowestMs.toFixed(1)} ms, memory at its peak +${figures.peakMb.toFixed(0)} MB, held at the end +${figures.heldMb.toFixed(0)} MB; ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

async function inChild(part: Part): Promise<{ report?: FuzzReport; reached: number; crash?: string }> {
  const child = fork(import.meta.filename, [], { execArgv: [...process.execArgv, `--max-old-space-size=${heapMb}`, '--expose-gc'] });
  let report: FuzzReport | undefined;
  let reached = part.from;
  child.on('message', (message: { next?: number; report?: FuzzReport }) => {
    if (message.report) report = message.report;
    else reached = message.next!;
    if (process.stderr.isTTY && message.next !== undefined) process.stderr.write(`\r${message.next - part.from} of ${part.to - part.from} `);
  });
  child.send(part);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return report ? { report, reached } : { reached, crash: String(signal ?? code) };
}
