import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { oneOfOption, runOption, wholeOption } from '@millrace/testing';
import { endOnSignal } from './end-on-signal.ts';
import { quantile } from './overload/figures.ts';
import { Random } from './random.ts';
import { endRuns, run, type RunResult } from './run.ts';
import { scenarios, type Scenario } from './scenario/index.ts';
import { pointHits, tableOf } from './table.ts';
import { writeReport, type Skipped } from './write-report.ts';

const usage = `usage: npm run faults -- [--runs 20] [--seed 7] [--only kill,broker] [--orders 3000] [--rate 200] [--folder DIR] [--keep] [--report FILE]
       npm run faults -- --replay SEED:RUN      one run again; its data, logs and history are kept
kinds: ${scenarios.map(({ name, about }) => `\n  ${name.padEnd(16)} ${about}`).join('')}`;

const defaults = { orders: '3000', rate: '200', only: undefined };
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' }, seed: { type: 'string', default: '7' }, from: { type: 'string', default: '0' }, only: { type: 'string' }, orders: { type: 'string', default: defaults.orders },
    rate: { type: 'string', default: defaults.rate }, replay: { type: 'string' }, folder: { type: 'string', default: join(tmpdir(), 'millrace-faults') }, keep: { type: 'boolean', default: false }, report: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
endOnSignal(endRuns);
const { seed, run: only } = values.replay === undefined ? { seed: wholeOption('seed', values.seed), run: undefined } : runOption('replay', values.replay);
const kinds = values.only?.split(',').map((name) => oneOfOption('only', name, scenarios.map((scenario) => scenario.name)));
const from = wholeOption('from', values.from);
const indices = only === undefined ? Array.from({ length: wholeOption('runs', values.runs, 1) }, (_, index) => index + from) : [only];
const orders = wholeOption('orders', values.orders, 1);
const rate = wholeOption('rate', values.rate, 1);
/** What a run depends on beside its number. */
const again = (['only', 'orders', 'rate'] as const).flatMap((name) => (values[name] === undefined || values[name] === defaults[name] ? [] : [` --${name} ${values[name]}`])).join('');
const results: RunResult[] = [];
const skipped: Skipped[] = [];
let isFine = false;
for (const index of indices) {
  const chosen = scenariosOf(seed, index);
  const called = chosen.map(({ name }) => name).join('+');
  const reason = chosen.map((scenario) => scenario.impossible?.()).find((impossible) => impossible !== undefined);
  if (reason) {
    console.log(`run ${seed}:${index} ${called} skipped: ${reason}`);
    skipped.push({ run: index, name: called, reason });
  } else {
    const result = await run({ seed, run: index, scenarios: chosen, orders, rate, folder: join(values.folder, `${seed}-${index}`), keep: values.keep || only !== undefined, onProgress: (line) => void console.error(line) });
    results.push(result);
    const { name, ok, faults, accepted, aborted, versions, completed, unasked, seconds, violations, folder } = result;
    console.log(`run ${seed}:${index} ${name.padEnd(24)} ${ok ? 'ok' : 'VIOLATED'}  ${faults} faults, ${accepted} accepted, ${aborted} aborted, ${versions} versions, ${completed} of them champions, ${unasked === 0 ? '' : `${unasked} ended unasked${ok ? ` (kept in ${folder})` : ''}, `}${seconds} s${ok ? '' : `\n  ${violations.join('\n  ')}\n  kept in ${folder}; again: npm run faults -- --replay ${seed}:${index}${again}`}`);
  }
  // After each run: a command that is ended early has its figures all the same.
  isFine = writeReport(values.report ?? '', results, skipped);
}
console.log(tableOf(results, skipped));
const hits = Object.entries(pointHits(results));
const missed = hits.filter(([, times]) => times === 0).map(([point]) => point);
if (results.some(({ name }) => name.includes('fail-point'))) console.log(`${hits.length - missed.length} of ${hits.length} fail points acted${missed.length === 0 ? '' : `; not ${missed.join(', ')}`}`);
const withdrawals = results.flatMap((result) => result.withdrawals);
if (withdrawals.length > 0) console.log(`${withdrawals.length} versions were withdrawn; they predicted for ${quantile(withdrawals, 0.5)} ms (p50), ${quantile(withdrawals, 0.99)} ms (p99) after the route that withdrew them`);
process.exit(isFine ? 0 : 1);

/** Each kind in turn, every third time with another kind at once: in the next turn others are paired. */
function scenariosOf(of: number, index: number): readonly Scenario[] {
  const pool = kinds ? scenarios.filter(({ name }) => kinds.includes(name)) : scenarios;
  const first = pool[index % pool.length]!;
  const turn = Math.floor(index / pool.length);
  if (first.isControl || ((index % pool.length) + turn) % 3 !== 2) return [first];
  const random = new Random('pair', of, index);
  // Two instances of everything beside three brokers are more than a small machine carries.
  const others = scenarios.filter((other) => other !== first && !other.isControl && (other.target === undefined || other.target !== first.target) && Math.max(first.brokers ?? 1, other.brokers ?? 1) * Math.max(first.instances ?? 1, other.instances ?? 1) < 6);
  return [first, random.pick(others)];
}
